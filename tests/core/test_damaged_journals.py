"""A damaged journal opens up to its damage, says where that is, and never crashes what reads it."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from core.event_lines import line_for
from core.fold import fold
from core.journal import FILE_NAME, JournalFault, read
from core.journal_recording import open_recording
from core.journal_scan import JournalScan
from core.repair import repair
from core.story import InputFault
from core.verify import verify
from tests.record_journal import recorded

RUN = "resumed"


@cache
def whole() -> bytes:
    folder = next(folder for folder in recorded() if folder.name == RUN)
    return (folder / FILE_NAME).read_bytes()


def damaged(data: bytes, flips: list[tuple[int, int]]) -> bytes:
    """Each flip is a place, taken modulo the length, and a bit."""
    changed = bytearray(data)
    for place, bit in flips:
        changed[place % len(changed)] ^= 1 << bit
    return bytes(changed)


flips = st.lists(
    st.tuples(st.integers(min_value=0, max_value=10**9), st.integers(min_value=0, max_value=7)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(flips)
def test_flipped_bits_are_read_up_to_the_damage(flipped: list[tuple[int, int]]) -> None:
    with TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        run.mkdir()
        (run / FILE_NAME).write_bytes(damaged(whole(), flipped))
        scan = JournalScan(run / FILE_NAME)
        stands = list(scan.records())
        assert [record.seq for record in stands] == list(range(1, len(stands) + 1))
        fold(stands)
        assert all(line is None or "\n" not in line for line in map(line_for, stands))
        found = verify(run)
        assert found.records == len(stands)
        if found.line is not None:
            assert found.line == scan.bad_line
            assert f"{FILE_NAME}:{found.line}: " in found.problem
        opens_up_to_it(run, len(stands))


def opens_up_to_it(run: Path, records: int) -> None:
    """As a recording: what stands is there, and the damage is named."""
    try:
        recording = open_recording(run)
    except JournalFault:
        assert records == 0
        return
    assert recording.length >= records
    assert recording.state_at(records).seq == records
    recording.close()


@settings(max_examples=60, deadline=None)
@given(flips, st.integers(min_value=0, max_value=200))
def test_a_repair_leaves_a_whole_journal_and_the_whole_original(
    flipped: list[tuple[int, int]], torn: int
) -> None:
    with TemporaryDirectory() as folder:
        run = Path(folder) / ".signoff" / "runs" / "DEMO-001-20261124-170000-aaaa"
        run.mkdir(parents=True)
        data = damaged(whole(), flipped)
        data = data[: len(data) - torn]
        (run / FILE_NAME).write_bytes(data)
        before = verify(run)
        try:
            done = repair(run, do_it=True)
        except InputFault:
            assert before.records == 0
            assert (run / FILE_NAME).read_bytes() == data
            return
        assert verify(run).line is None and not verify(run).torn
        assert done.records == len(read(run)[1]) >= before.records
        if done.action == "cut back":
            assert (run / done.aside).read_bytes() == data
        elif done.action == "cut the torn line":
            assert data.startswith((run / FILE_NAME).read_bytes())


def test_a_damaged_header_is_told_by_the_first_record(tmp_path: Path) -> None:
    source = next(folder for folder in recorded() if folder.name == RUN)
    _, records = read(source)
    run = tmp_path / ".signoff" / "runs" / records[0].run_id
    shutil.copytree(source, run)
    (run / FILE_NAME).write_bytes(b"#" + whole()[1:])
    done = repair(run, do_it=True)
    assert done.header is not None and done.records == len(records)
    assert verify(run).ok
    assert read(run)[1] == records
