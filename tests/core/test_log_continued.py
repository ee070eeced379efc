"""A log that a new run goes on with keeps every byte that was there, and is read as both."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import events as e
from core.logs.backend_log_reader import read_log
from core.logs.files import fold
from tests.core.logs_run import Run


def continued(earlier: bytes) -> bytes:
    run = Run(earlier={"BACKEND-LOG.md": earlier})
    run.open()
    run.close(run.change("src/new.py", None, b"x"))
    run.check()
    run.record(e.RunFinished(outcome="complete", reason="done", exit_code=0))
    return fold(run.records, run.get_blob)["BACKEND-LOG.md"]


@given(st.binary(max_size=200))
def test_every_byte_stays_where_it_was(earlier: bytes) -> None:
    assert continued(earlier).startswith(earlier)


@pytest.mark.parametrize(
    "earlier",
    [
        "# READ-7 Log\r\n\r\n## Chunk 1: old\r\n- Files changed: `a/old.ts`\r\n\r\nBACKEND COMPLETE\r\n",
        "# READ-7 Log\n\n## Chunk 1: old\n- Files changed: `a/old.ts`\n- Notes: no line end",
        "# READ-7 Log\n\n## Chunk 1: old\n- Files changed: `a/old.ts`\n\n```\nnever closed\n",
        "# READ-7 Log\r\r## Chunk 1: old\r- Files changed: `a/old.ts`\r",
        "# READ-7 Log\n\n## Chunk 1: old\n- Files changed: `a/old.ts`\n<!--\nnever closed\n",
    ],
)
def test_what_it_said_and_what_is_added_are_both_read(earlier: str) -> None:
    log = read_log(continued(earlier.encode()))
    assert log.document.raw.startswith(earlier.encode())
    assert [chunk.name for chunk in log.chunks] == ["old", "Wishlist service"]
    assert log.files == ("a/old.ts", "src/new.py")
    assert log.signal == "BACKEND COMPLETE"
