"""`signoff watch RUN`: a live run from another terminal, on the screen or a line per event."""

from __future__ import annotations

import argparse

from core.ending import COMPLETE
from core.runs import find_run
from core.story import InputFault, find_workspace


def watch(args: argparse.Namespace) -> int:
    """The exit code of the run's outcome where it has ended; 0 where it goes on when the reader leaves.

    Raises InputFault when there is no such run, or when its journal is lost; JournalFault at its damage.
    """
    if (args.json or args.tail) and not args.headless:
        raise InputFault("--json and --tail go with --headless; the screen shows the whole run")
    folder = find_run(find_workspace(args.workspace), args.run)
    if args.headless:
        from core.headless_watch import watch_headless

        return watch_headless(folder, as_json=args.json, tail=args.tail)
    from core.watching import WatchedRun
    from tui.watch_app import WatchApp

    run = WatchedRun(folder)
    app = WatchApp(run)
    try:
        app.run()
    finally:
        run.close()
    if run.lost:
        raise InputFault(run.lost)
    return app.return_code or run.state.exit_code or COMPLETE
