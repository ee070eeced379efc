"""The commands that show a log, a plan, a scope file or a story: their arguments (SPEC 11, 13)."""

from __future__ import annotations

import argparse
from pathlib import Path

Commands = argparse._SubParsersAction  # the type has no public name

FILES = {
    "log": "what a BACKEND-LOG.md says, whoever wrote it",
    "plan": "the steps of an IMPLEMENTATION-PLAN.md or a PLAN.yaml",
    "scope": "which surfaces a SCOPE.md or a SCOPE.yaml names",
}


def add_show(commands: Commands[argparse.ArgumentParser]) -> None:
    for name, what in FILES.items():
        show = _show(commands, name, what)
        show.add_argument("file", metavar="FILE", help="the file, - for the standard input")
        _forms(show)
    story = _show(commands, "story", "a story with all that is found of it")
    story.add_argument(
        "feature_dir", type=Path, metavar="FEATURE_DIR", help="such as plans/features/wishlist"
    )
    story.add_argument("story_id", metavar="STORY_ID", help="such as WISH-001")
    story.add_argument("--stage", help="the story's stage folder (default: in-progress first, then any)")
    _forms(story)


def _show(commands: Commands[argparse.ArgumentParser], name: str, what: str) -> argparse.ArgumentParser:
    inner = commands.add_parser(name, help=what).add_subparsers(
        dest="action", metavar="ACTION", required=True
    )
    return inner.add_parser("show", help=what, description=f"Shows {what}. Nothing is changed.")


def _forms(parser: argparse.ArgumentParser) -> None:
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="as JSON, for scripts")
    form.add_argument("--raw", action="store_true", help="the file again, byte for byte")
