"""The commands that look at a workspace, its runs and its policy, and change nothing of a run."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.ending import BUG, COMPLETE
from core.spoken import one_line, print_json

if TYPE_CHECKING:
    from core.domain import JsonObject


def runs_list(args: argparse.Namespace) -> int:
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


def journal_show(args: argparse.Namespace) -> int:
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


def journal_verify(args: argparse.Namespace) -> int:
    from core.runs import find_run
    from core.story import find_workspace
    from core.verify import verify

    result = verify(find_run(find_workspace(args.workspace), args.run))
    if args.json:
        print_json(result.to_json())
    else:
        print(result.shown)
    return COMPLETE if result.ok else BUG


def decide(args: argparse.Namespace) -> int:
    from core.deciding import looked_into

    found = looked_into(args)
    if args.json:
        print_json(found.to_json())
    else:
        print(found.shown)
    return COMPLETE


def trust_workspace(args: argparse.Namespace) -> int:
    from core.story import find_workspace
    from core.trust import trust

    root = find_workspace(args.workspace)
    trust(root)
    print(f"{root} is trusted: its type checker, tests and settings may be used")
    return COMPLETE


def doctor(args: argparse.Namespace) -> int:
    from core.doctor import examine

    findings = examine(args.workspace, dict(os.environ))
    if args.json:
        print_json([finding.to_json() for finding in findings])
    else:
        for finding in findings:
            print(finding.shown)
    return COMPLETE
