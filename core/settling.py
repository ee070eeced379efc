"""The commands that settle something in a run from the command line, without resuming it."""

from __future__ import annotations

import argparse
import os

from core.untrusted import visible


def settle(args: argparse.Namespace) -> str:
    """Does `signoff answer` or `signoff undo`; gives the line that says what was done. Raises InputFault."""
    return visible(_done(args), keep_newlines=False)


def _done(args: argparse.Namespace) -> str:
    if args.command == "answer":
        from core.answering import answer

        return answer(args.workspace, args.run, args.request, args.option, args.note)
    from core.undo_command import undo
    from core.undo_plan import UndoChoice

    choices: list[tuple[str, UndoChoice]] = [
        *((path, "keep") for path in args.keep),
        *((path, "merge") for path in args.merge),
        *((path, "back") for path in args.back),
    ]
    return undo(args.workspace, args.run, tuple(choices), dict(os.environ))
