"""The commands that need no screen. `tui.cli` is the entry point and adds those that do."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from core.ending import BAD_INPUT, BUG, COMPLETE

if TYPE_CHECKING:
    from core.domain import JsonObject
    from core.session import Run, RunOptions

SAFE = "Nothing acknowledged is lost: what a run's journal has is safe. Mend it and resume the run."
RunIt = Callable[["Run", argparse.Namespace], int]


def guarded(act: Callable[[], int]) -> int:
    """Turns what a person did wrong into one line on stderr and exit 2, and what the disk does into one and
    exit 1; never a traceback for either."""
    from core.blobs import BlobFault
    from core.journal import JournalFault
    from core.story import InputFault
    from core.yaml_file import YamlFault

    try:
        return act()
    except (InputFault, YamlFault) as fault:
        say(f"signoff: {one_line(str(fault))}")
        return BAD_INPUT
    except (JournalFault, BlobFault) as fault:
        say(f"signoff: {one_line(str(fault))}. {SAFE}")
        return BUG
    except BrokenPipeError:
        leave_stdout()
        return COMPLETE
    except OSError as fault:
        place = f"{fault.filename}: " if fault.filename else ""
        say(f"signoff: {one_line(place + (fault.strerror or str(fault)))}. {SAFE}")
        return BUG


def say(text: str) -> None:
    # Who reads the output may have left; that changes nothing of what was done.
    with suppress(BrokenPipeError):
        print(text, file=sys.stderr, flush=True)


def leave_stdout() -> None:
    """Nobody reads what is printed any more: whatever still comes goes nowhere, also at the exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def one_line(text: str) -> str:
    from core.untrusted import visible

    return visible(" ".join(text.split()), keep_newlines=False)


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
        case "runs":
            return _list_runs(args)
        case "journal":
            return _verify_journal(args) if args.action == "verify" else _show_journal(args)
        case "decide":
            return _decide(args)
        case "trust":
            return _trust(args)
        case "doctor":
            return _doctor(args)
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


# --- looking ----------------------------------------------------------------------------


def _list_runs(args: argparse.Namespace) -> int:
    from core.runs import list_runs
    from core.story import find_workspace

    runs = list_runs(find_workspace(args.workspace))
    if args.json:
        print_json([run.to_json() for run in runs])
        return COMPLETE
    if not runs:
        print("no runs yet: start one with `signoff run FEATURE_DIR STORY_ID`")
    for run in runs:
        print(_run_line(run.to_json(), run.problem))
    return COMPLETE


def _run_line(run: JsonObject, problem: str) -> str:
    cost = f"  ${run['cost_usd']:.2f}" if run["cost_usd"] is not None else ""
    line = (
        f"{run['run_id']}  {run['state']:<11}  steps {run['steps_done']}/{run['steps_total']}"
        f"  chunks {run['chunks']}{cost}"
    )
    waits = [
        f"    needs you: {w['kind']} {w['request_id']}: {one_line(w['title'])}" for w in run["needs_you"]
    ]
    return "\n".join([line, *waits, *([f"    {problem}"] if problem else [])])


def _show_journal(args: argparse.Namespace) -> int:
    from core.event_lines import line_for
    from core.journal import read
    from core.runs import find_run
    from core.story import find_workspace

    folder = find_run(find_workspace(args.workspace), args.run)
    if args.json:
        return _show_raw(folder)
    _, records = read(folder)
    for record in records:
        line = line_for(record)
        if line is not None:
            print(line)
    return COMPLETE


def _show_raw(folder: Path) -> int:
    """The records as they stand in the file: a newer version's too."""
    from core.journal import FILE_NAME, JournalFault

    path = folder / FILE_NAME
    with path.open("rb") as file:
        next(file, None)
        for number, line in enumerate(file, start=2):
            if not line.endswith(b"\n"):
                break
            try:
                sys.stdout.write(line.decode("utf-8"))
            except UnicodeDecodeError:
                raise JournalFault(f"{path}:{number}: not UTF-8 text") from None
    return COMPLETE


def _verify_journal(args: argparse.Namespace) -> int:
    from core.runs import find_run
    from core.story import find_workspace
    from core.verify import verify

    result = verify(find_run(find_workspace(args.workspace), args.run))
    if args.json:
        print_json(result.to_json())
    else:
        print(result.shown)
    return COMPLETE if result.ok else BUG


def _decide(args: argparse.Namespace) -> int:
    from core.deciding import looked_into

    found = looked_into(args)
    if args.json:
        print_json(found.to_json())
    else:
        print(found.shown)
    return COMPLETE


def _trust(args: argparse.Namespace) -> int:
    from core.story import find_workspace
    from core.trust import trust

    root = find_workspace(args.workspace)
    trust(root)
    print(f"{root} is trusted: its type checker, tests and settings may be used")
    return COMPLETE


def _doctor(args: argparse.Namespace) -> int:
    from core.doctor import examine

    findings = examine(args.workspace, dict(os.environ))
    if args.json:
        print_json([finding.to_json() for finding in findings])
    else:
        for finding in findings:
            print(finding.shown)
    return COMPLETE


def print_json(found: object) -> None:
    json.dump(found, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")
