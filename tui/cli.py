"""The `signoff` command: core's commands, and the screen for those that have one."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from core.session import Run

LEFT_EXIT = 5
"""Left before the run ended: for a script that is a stop, not a success."""


def main(argv: list[str] | None = None) -> int:
    # Read by Textual when it is imported; halves the time from a key to its paint.
    os.environ.setdefault("TEXTUAL_FPS", "120")
    if not (sys.argv[1:] if argv is None else argv) and _is_home_possible():
        return _home(Path())
    from core.arguments import build_parser

    parser = build_parser()
    args = parser.parse_args(argv)
    if args.command is None:
        parser.print_help()
        return 0
    if args.command == "home":
        return _home(args.workspace)
    from core.cli import run_command
    from core.spoken import guarded

    def act() -> int:
        _require_a_terminal(args)
        if args.command == "watch":
            from tui.watch_command import watch

            return watch(args)
        if args.command == "replay":
            from tui.replay_command import replay

            return replay(args)
        if args.command == "export" and args.form == "svg":
            from tui.export_svg import export_svg

            return export_svg(args)
        return run_command(args, _run)

    return guarded(act)


def _is_home_possible() -> bool:
    """Whether `signoff` alone, without a command, has a workspace to show and a terminal to show it on."""
    from core.checkout import InputFault, find_workspace
    from core.spoken import on_a_terminal

    if not on_a_terminal():
        return False
    try:
        find_workspace(Path())
    except InputFault:
        return False
    return True


def _home(workspace: Path) -> int:
    from core.spoken import guarded
    from tui.home_command import home

    return guarded(lambda: home(workspace))


def _require_a_terminal(args: argparse.Namespace) -> None:
    """Found out before anything is copied, locked or written."""
    from core.checkout import InputFault
    from core.spoken import on_a_terminal

    on_screen = args.command in ("run", "resume", "demo", "watch") and not args.headless
    if on_screen and not on_a_terminal():
        raise InputFault("the screen needs a terminal; without one use --headless")


def _run(run: Run, args: argparse.Namespace) -> int:
    """On the screen, or with --headless a line per event."""
    if args.headless:
        from core.headless import run_headless

        return run_headless(run, as_json=args.json)
    from core.spoken import say
    from tui.app import SignoffApp

    app = SignoffApp(run)
    app.run()
    finished = app.finished
    if finished is None:
        say(f"signoff: the run stays where it is; go on with: signoff resume {run.run_id}")
        return app.return_code or LEFT_EXIT
    say(f"signoff: {finished.outcome}: {finished.reason}")
    return finished.exit_code


if __name__ == "__main__":
    raise SystemExit(main())
