"""`signoff replay REFERENCE`: a past run on the screen."""

from __future__ import annotations

import argparse


def replay(args: argparse.Namespace) -> int:
    """Exit 0 when the reader has left. InputFault for what can't be opened, and without a terminal."""
    from core.ending import COMPLETE
    from core.open_recording import open_any
    from core.spoken import on_a_terminal
    from core.story import InputFault

    if not on_a_terminal():
        raise InputFault("a replay needs a terminal; `signoff journal show` and `signoff log show` need none")
    recording = open_any(args.reference, args.workspace)
    try:
        from tui.replay_app import ReplayApp

        app = ReplayApp(recording)
        app.run()
        return app.return_code or COMPLETE
    finally:
        recording.close()
