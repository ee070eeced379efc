"""`signoff` and `signoff home`: home, and in turn what is chosen there, until home is left."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from core.checkout import InputFault, find_workspace
from core.home import Choice
from core.spoken import on_a_terminal, told

if TYPE_CHECKING:
    from argparse import Namespace

    from core.session import Run, RunOptions

SIGNALLED = 128
"""An exit code above it: a signal ended the program, and not only what was open."""


class Opened(NamedTuple):
    """What became of a choice: an exit code, what home says of it, and the row where the cursor begins."""

    code: int = 0
    notice: str = ""
    at: str = ""


def home(workspace: Path) -> int:
    """Exit code 0 when home is left. InputFault outside of a git checkout, and without a terminal."""
    root = find_workspace(workspace)
    if not on_a_terminal():
        raise InputFault("home needs a terminal; without one there is: signoff runs list")
    from tui.home_app import HomeApp

    opened = Opened()
    while True:
        app = HomeApp(root, at=opened.at, notice=opened.notice)
        choice = app.run()
        if choice is None:
            return app.return_code or 0
        opened = open_choice(choice, root)
        if opened.code > SIGNALLED:
            return opened.code


def open_choice(choice: Choice, root: Path) -> Opened:
    """Shows what was chosen, until it is left. What a person or a disk did wrong is said at home."""
    try:
        return _open(choice, root)
    except Exception as fault:
        found = told(fault)
        if found is None:
            raise
        return Opened(notice=found[0], at=choice.key)


def _open(choice: Choice, root: Path) -> Opened:
    run = str(root / ".signoff" / "runs" / choice.run_id)
    match choice.kind:
        case "replay":
            from tui.replay_command import replay

            return Opened(replay(_arguments("replay", run, root)), at=choice.key)
        case "watch":
            from tui.watch_command import watch

            return Opened(watch(_arguments("watch", run, root)), at=choice.key)
        case "export":
            from core.export_command import export

            # While the terminal is as it was: how far it is can be said there.
            page = f"signoff-{choice.run_id}.html"
            export(_arguments("export", run, root, "--html", "-o", page))
            return Opened(notice=f"Wrote {page} in {Path.cwd()}", at=choice.key)
        case _:
            return _drive(choice, root)


def _arguments(command: str, run: str, root: Path, *more: str) -> Namespace:
    """As if it had been typed, so that what home opens is what the command opens."""
    from core.arguments import build_parser

    return build_parser().parse_args([command, run, "--workspace", str(root), *more])


def _drive(choice: Choice, root: Path) -> Opened:
    """A run of this process, from now on or from where its journal ends."""
    run = _run(choice, root)
    try:
        from tui.app import SignoffApp

        app = SignoffApp(run)
        app.run()
    finally:
        run.close()
    at = choice.key if choice.kind == "resume" else f"run:{run.run_id}"
    if app.failure is not None:
        return Opened(app.return_code or 0, f"Signoff failed: {app.failure}. The journal is safe.", at)
    words = f"{run.run_id} stays as it is in its journal."
    if app.finished is not None:
        words = f"{run.run_id} is {app.finished.outcome}: {app.finished.reason}"
    return Opened(app.return_code or 0, words, at)


def _run(choice: Choice, root: Path) -> Run:
    from core.session import resume, start

    if choice.trust:
        from core.trust import trust

        trust(root)
    if choice.story is None:
        return resume(choice.run_id, _options(choice), root)
    return start(root / choice.story.feature, choice.story.id, _options(choice))


def _options(choice: Choice) -> RunOptions:
    from core.session import RunOptions

    return RunOptions(
        environ=dict(os.environ),
        model=choice.model,
        autonomous=choice.autonomy,
        stage=choice.story.stage if choice.story else None,
        speed=1.0,
    )
