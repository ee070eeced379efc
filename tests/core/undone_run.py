"""A run of two approved chunks over the small story, as the undo and commit tests need it."""

from __future__ import annotations

import stat
from pathlib import Path

from core import events as ev
from core.answers_file import AnswersFile, DecisionAnswer
from core.session import Run
from tests.core.small_story import (
    SERVICE,
    close_chunk,
    complete,
    drive,
    edit,
    events,
    make_workspace,
    open_chunk,
    reply,
    script_file,
    start_run,
    write,
)

ITEMS = "apps/api/services/items"
OLD = f"{ITEMS}/old.sh"
NAMES = f"{ITEMS}/naming/deep/names.py"
TALL = f"{ITEMS}/tall.py"
TALL_TEXT = "".join(f"LINE_{n}: int = {n}\r\n" for n in range(12))
CHECK = 'checks:\n  commands: [["true"]]\n'
ANSWERS = AnswersFile(
    name="answers", decisions=(DecisionAnswer(match="^Delete", option="1", text="", note=""),)
)


def workspace(folder: Path, config: str = CHECK) -> Path:
    root = make_workspace(folder, {".signoff/config.yaml": config})
    for path, text, mode in ((OLD, "echo old\n", 0o755), (TALL, TALL_TEXT, 0o640)):
        (root / path).write_bytes(text.encode())
        (root / path).chmod(mode)
    return root


def script(folder: Path) -> Path:
    """Chunk 1 counts. Chunk 2 makes a file in new folders, changes one with CRLF ends, and deletes one."""
    delete = {"delete_file": {"path": OLD, "rationale": "unused"}}
    return script_file(
        folder,
        [reply(open_chunk(), edit("TOTAL: int = 0", "TOTAL: int = 1"), close_chunk())],
        [
            reply(open_chunk("names", ["2"]), write(NAMES, "NAME = 'a'\n"), delete),
            reply(edit("LINE_3: int = 3", "LINE_3: int = 33", TALL), close_chunk("named")),
        ],
        [reply(complete(()))],
    )


def finished_run(root: Path, folder: Path) -> Run:
    run = start_run(root, script(folder), answers=ANSWERS, review="never")
    assert drive(run).outcome == "complete"
    return run


def files(root: Path) -> dict[str, tuple[int, bytes] | None]:
    """Everything of the workspace that is not the run's own: mode and bytes of files, None for folders."""
    top = (root / "apps", root / "pyproject.toml")
    found = [path for place in top for path in (place, *place.rglob("*"))]
    return {
        str(path.relative_to(root)): None
        if path.is_dir()
        else (stat.S_IMODE(path.stat().st_mode), path.read_bytes())
        for path in found
    }


def undone(run: Run) -> list[ev.ChunkUndone]:
    return [event for event in events(run) if isinstance(event, ev.ChunkUndone)]


__all__ = ["ANSWERS", "NAMES", "OLD", "SERVICE", "TALL", "finished_run", "script", "undone", "workspace"]
