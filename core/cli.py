"""The commands that need no screen. `tui.cli` is the entry point and adds those that do."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from core.ending import COMPLETE
from core.spoken import say

if TYPE_CHECKING:
    from core.session import Run, RunOptions

RunIt = Callable[["Run", argparse.Namespace], int]


def run_command(args: argparse.Namespace, run_it: RunIt) -> int:
    """Does one command. `run_it` drives a run: on a screen, or without one."""
    match args.command:
        case "run":
            return run_it(_start(args), args)
        case "resume":
            return run_it(_resume(args), args)
        case "demo":
            return _demo(args, run_it)
        case "answer" | "undo":
            return _settle(args)
        case "journal" if args.action == "repair":
            from core.repair_command import repair_run

            return repair_run(args)
        case _:
            return _look(args)


def _look(args: argparse.Namespace) -> int:
    """The commands that change nothing of a run."""
    from core import cli_looking

    match args.command, getattr(args, "action", ""):
        case "runs", _:
            return cli_looking.runs_list(args)
        case "journal", "verify":
            return cli_looking.journal_verify(args)
        case "journal", _:
            return cli_looking.journal_show(args)
        case "decide", _:
            return cli_looking.decide(args)
        case "log" | "plan" | "scope" | "story", _:
            from core.show_command import show

            return show(args)
        case "export", _:
            from core.export_command import export

            return export(args)
        case "compare", _:
            from core.compare_command import compare_runs

            return compare_runs(args)
        case "kb", _:
            from core.kb_command import kb

            return kb(args)
        case "mcp", _:
            from core.mcp_command import mcp

            return mcp(args)
        case "trust", _:
            return cli_looking.trust_workspace(args)
        case "doctor", _:
            return cli_looking.doctor(args)
        case _:
            raise AssertionError(f"no such command: {args.command}")


# --- runs -------------------------------------------------------------------------------


def _start(args: argparse.Namespace) -> Run:
    from core.session import start
    from core.story import find_workspace
    from core.trust import trust

    options = _options(args)
    if args.trust:
        trust(find_workspace(args.feature_dir if args.feature_dir.is_dir() else Path.cwd()))
    return start(args.feature_dir, args.story_id, options)


def _resume(args: argparse.Namespace) -> Run:
    from core.session import resume
    from core.story import find_workspace
    from core.trust import trust

    options = _options(args)
    if args.trust:
        trust(find_workspace(args.workspace))
    return resume(args.run, options, args.workspace)


def _options(args: argparse.Namespace) -> RunOptions:
    from core.answers_file import load_answers
    from core.session import RunOptions

    _refuse_answers_on_the_screen(args)
    answers = load_answers(Path(args.answers)) if args.answers else None
    return RunOptions(
        environ=dict(os.environ),
        model=args.model,
        autonomous=args.autonomous,
        review=args.review,
        batch=args.batch,
        attended=not args.headless,
        answers=answers,
        worker=getattr(args, "worker", None),
        stage=getattr(args, "stage", None),
        speed=args.speed if args.headless else (args.speed or 1.0),
        overrides={
            "budgets.max_cost_usd": args.max_cost,
            "budgets.max_tokens": args.max_tokens,
            "budgets.max_turns": args.max_turns,
            "budgets.max_minutes": args.max_minutes,
        },
    )


def _refuse_answers_on_the_screen(args: argparse.Namespace) -> None:
    from core.story import InputFault

    if args.answers and not args.headless:
        raise InputFault("--answers goes with --headless; on the screen the answers are yours")


def _demo(args: argparse.Namespace, run_it: RunIt) -> int:
    from core.answers_file import load_answers
    from core.demo import prepare_sample
    from core.session import RunOptions, start

    _refuse_answers_on_the_screen(args)
    sample = prepare_sample(
        args.sample, args.variant, args.into, environ=dict(os.environ), say=lambda t: say(f"demo: {t}")
    )
    answers = None
    if args.headless and args.answers != "none":
        answers = load_answers(Path(args.answers) if args.answers else sample.answers)
        say(f"demo: nobody is asked; the answers file {answers.name} stands in for the human")
    options = RunOptions(
        environ=dict(os.environ),
        model=f"scripted:{sample.script}",
        attended=not args.headless,
        answers=answers,
        worker=sample.worker,
        # With nobody there a review would end the run too; the demo shows the first escalation doing so.
        review="never" if args.answers == "none" else None,
        speed=args.speed if args.headless else (args.speed or 1.0),
    )
    run = start(sample.feature_dir, sample.story_id, options)
    code = run_it(run, args)
    say(f"demo: the workspace is {sample.root}")
    say(f"demo: the run is {run.run_id}; what it wrote is in {sample.root / run.implementation}")
    return code


def _settle(args: argparse.Namespace) -> int:
    from core.settling import settle

    print(settle(args))
    return COMPLETE
