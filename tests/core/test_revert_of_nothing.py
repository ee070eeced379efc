"""Where a chunk left what it had found nothing is put back: what stands there now is the engineer's."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import events as ev
from core.commands import Command, ReviewChunk
from core.run_state import RunState
from tests.core.attended import attended, of
from tests.core.small_story import (
    SERVICE,
    close_chunk,
    complete,
    edit,
    events,
    make_workspace,
    open_chunk,
    reply,
    script_file,
    start_run,
    write,
)

NOTE = "apps/api/services/items/note.py"
CHECK = {".signoff/config.yaml": 'checks:\n  commands: [["true"]]\n'}
MADE_AND_DELETED = (write(NOTE, "A = 1\n"), {"delete_file": {"path": NOTE, "rationale": "not needed"}})
CHANGED_AND_BACK = (edit("TOTAL: int = 0", "TOTAL: int = 1"), edit("TOTAL: int = 1", "TOTAL: int = 0"))


@pytest.mark.parametrize(("calls", "path"), [(MADE_AND_DELETED, NOTE), (CHANGED_AND_BACK, SERVICE)])
async def test_a_revert_leaves_what_the_engineer_made_there_since(
    tmp_path: Path, calls: tuple[dict[str, object], ...], path: str
) -> None:
    root = make_workspace(tmp_path, CHECK)
    other = write("apps/api/services/items/other.py", "B = 1\n")
    dropped = reply(complete((("1", "dropped"), ("2", "dropped"))), when="was reverted")
    script = script_file(tmp_path, [dropped, reply(open_chunk(), *calls, other, close_chunk())])

    def reverts(state: RunState) -> list[Command]:
        chunk = state.chunk
        if not state.pending or chunk is None or chunk.review is None:
            return []
        (root / path).write_text("# mine\n")
        asked = chunk.review
        return [ReviewChunk(request_id=asked.request_id, verdict="revert", diff_hash=asked.diff_hash)]

    run = start_run(root, script, attended=True)
    assert (await attended(run, reverts)).exit_code == 0
    (reverted,) = of(events(run), ev.ChunkReverted)
    assert [change.path for change in reverted.files] == ["apps/api/services/items/other.py"]
    assert (root / path).read_text() == "# mine\n"
    assert "reverted by user: 1 file put back" in [entry.text for entry in run.entries(1)]
