"""Keeps a run as a recorded journal, with what every later version must make of it (RELIABILITY 4).

    python -m tests.record_journal NAME RUN_FOLDER     keeps the run as tests/journals/NAME
    python -m tests.record_journal --screens           draws the screens anew, once they look as they should

An existing recording is never made again: only how it is drawn may change.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path

from core.blobs import Blobs
from core.event_lines import line_for
from core.fold import fold
from core.journal import FILE_NAME, read
from core.journal_recording import open_recording
from core.logs.files import fold as fold_logs
from core.recorded_view import RecordedView
from tests.tui.journal_of_a_run import SteppedClock
from tui.app import SignoffApp

JOURNALS = Path(__file__).resolve().parent / "journals"
STATE, LINES, SCREENS, LOGS = "state.json", "lines.txt", "screens.txt", "expected"
SIZES = ((160, 48), (80, 24))
DOCK, STILL = "▌", 4


def recorded() -> list[Path]:
    return sorted(folder.parent for folder in JOURNALS.glob(f"*/{FILE_NAME}"))


def state_of(folder: Path) -> bytes:
    """The state at the end. A later version may know more of a run, and the same of what stands here."""
    state = plain(fold(read(folder)[1]))
    return json.dumps(state, indent=1, ensure_ascii=False).encode() + b"\n"


def plain(found: object) -> object:
    if is_dataclass(found):
        return {field.name: plain(getattr(found, field.name)) for field in fields(found)}
    if isinstance(found, dict):
        return {name: plain(value) for name, value in found.items()}
    if isinstance(found, datetime):
        return found.isoformat()
    if isinstance(found, Sequence) and not isinstance(found, str):
        return [plain(item) for item in found]
    return found


def lines_of(folder: Path) -> bytes:
    lines = (line_for(record) for record in read(folder)[1])
    return "".join(f"{line}\n" for line in lines if line is not None).encode()


def logs_of(folder: Path) -> dict[str, bytes]:
    made = fold_logs(read(folder)[1], Blobs(folder / "blobs").get)
    return {name: data for name, data in made.items() if data is not None}


async def screens_of(folder: Path) -> bytes:
    """The run screen where something first waits for the supervisor, and at the end, at each size."""
    recording = open_recording(folder)
    waits = (seq for seq in range(1, recording.length + 1) if recording.state_at(seq).pending)
    places = sorted({next(waits, recording.length), recording.length})
    drawn = [
        f"--- record {seq}, {size[0]}x{size[1]}\n{await _screen(RecordedView(recording, seq), size)}\n"
        for seq in places
        for size in SIZES
    ]
    recording.close()
    return "".join(drawn).encode()


async def _screen(view: RecordedView, size: tuple[int, int]) -> str:
    app = SignoffApp(view, clock=SteppedClock().clock)
    async with app.run_test(size=size) as pilot:
        drawn, same = "", 0
        while same < STILL:
            await pilot.pause(0.01)
            before, drawn = drawn, _text(app)
            # The dock comes last.
            same = same + 1 if drawn == before and DOCK in drawn else 0
        return drawn


def _text(app: SignoffApp) -> str:
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


def keep(name: str, run: Path) -> None:
    folder = JOURNALS / name
    folder.mkdir()
    shutil.copy(run / FILE_NAME, folder)
    if (run / "blobs").exists():
        shutil.copytree(run / "blobs", folder / "blobs")
    (folder / STATE).write_bytes(state_of(folder))
    (folder / LINES).write_bytes(lines_of(folder))
    (folder / LOGS).mkdir()
    for log, data in logs_of(folder).items():
        (folder / LOGS / log).write_bytes(data)
    draw(folder)


def draw(folder: Path) -> None:
    (folder / SCREENS).write_bytes(asyncio.run(screens_of(folder)))


def main(args: list[str]) -> None:
    if args == ["--screens"]:
        for folder in recorded():
            draw(folder)
    elif len(args) == 2:
        keep(args[0], Path(args[1]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
