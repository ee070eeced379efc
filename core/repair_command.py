"""`signoff journal repair`: says what can be done, and does it when it is told to."""

from __future__ import annotations

import argparse
import sys

from core.ending import BUG, COMPLETE
from core.repair import Repair, repair
from core.runs import find_run
from core.spoken import print_json
from core.story import find_workspace


def repair_run(args: argparse.Namespace) -> int:
    """0 when the journal and all its blobs are whole in the end, else 1. On a terminal it asks first."""
    folder = find_run(find_workspace(args.workspace), args.run)
    found = repair(folder, do_it=args.yes)
    if not args.json and not found.done and found.action != "nothing" and _on_a_terminal():
        print(found.shown)
        if not _agreed(found):
            return BUG
        found = repair(folder, do_it=True)
    if args.json:
        print_json(found.to_json())
    else:
        print(found.shown)
    return COMPLETE if found.whole else BUG


def _on_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _agreed(found: Repair) -> bool:
    question = "Cut the torn line off?" if found.action == "cut the torn line" else "Keep what stands?"
    try:
        return input(f"{question} [y/N] ").strip().casefold() in ("y", "yes")
    except (EOFError, KeyboardInterrupt):
        print()
        return False
