"""Recorded journals keep loading: same fold, lines and log files, in every later version (RELIABILITY 4)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core import events as ev
from core.fold import fold
from core.journal import VERSION, encode, read, read_header
from core.verify import verify
from tests.record_journal import LINES, LOGS, STATE, lines_of, logs_of, recorded, state_of

RECORDED = recorded()
FUTURE = next(folder for folder in RECORDED if folder.name == "from-the-future")
# Fields of format 1.0 that no later version has: an answer's `lock` became its `preference`.
GONE = {"lock"}
each = pytest.mark.parametrize("folder", RECORDED, ids=lambda folder: folder.name)


@each
def test_it_is_whole(folder: Path) -> None:
    assert verify(folder).ok


@each
def test_its_state_is_what_it_was(folder: Path) -> None:
    """A later version may know more of a run; what was known stays as it was."""
    assert holds(json.loads(state_of(folder)), json.loads((folder / STATE).read_bytes()))


@each
def test_its_lines_are_what_they_were(folder: Path) -> None:
    assert lines_of(folder) == (folder / LINES).read_bytes()


@each
def test_its_log_files_are_made_again_byte_for_byte(folder: Path) -> None:
    assert logs_of(folder) == {path.name: path.read_bytes() for path in (folder / LOGS).iterdir()}


@each
def test_its_records_are_written_again_as_they_stand(folder: Path) -> None:
    """A newer version may add fields with defaults; what was there stays as it was."""
    if folder == FUTURE:
        return
    lines = (folder / "journal.jsonl").read_bytes().splitlines()[1:]
    for line, record in zip(lines, read(folder)[1], strict=True):
        assert holds(json.loads(encode(record)), json.loads(line)), line


def holds(whole: Any, part: Any) -> bool:
    """Whether `whole` is `part`, but for more keys in its objects, and without those that are GONE."""
    if isinstance(part, dict):
        kept = {name: value for name, value in part.items() if name not in GONE}
        return isinstance(whole, dict) and all(k in whole and holds(whole[k], v) for k, v in kept.items())
    if isinstance(part, list):
        return isinstance(whole, list) and len(whole) == len(part) and all(map(holds, whole, part))
    return bool(whole == part)


@pytest.mark.parametrize("kind", ev.Event.__args__, ids=lambda kind: kind.__name__)
def test_every_kind_of_event_has_a_recorded_example(kind: type[ev.Event]) -> None:
    """For a new one: record a run that meets it, or build one by hand (tests/journals/README.md)."""
    assert any(isinstance(record.event, kind) for folder in RECORDED for record in read(folder)[1])


def test_their_ends_are_what_they_were() -> None:
    ends = {folder.name: fold(read(folder)[1]) for folder in RECORDED}
    assert (ends["python"].outcome, ends["python"].exit_code) == ("complete", 0)
    assert (ends["python-blocked"].outcome, ends["python-blocked"].exit_code) == ("blocked", 4)
    assert ends["python"].steps_done == 6 and len(ends["python"].opened_chunks) == 5


# --- from the future --------------------------------------------------------------------


def test_a_newer_minor_version_is_read_with_what_is_known_of_it() -> None:
    assert read_header(FUTURE).version > VERSION
    state = fold(read(FUTURE)[1])
    assert state.story is not None and state.story.id == "DEMO-001"
    assert (state.outcome, state.exit_code) == ("stopped", 5)


def test_what_is_not_known_is_kept_and_shown_as_unknown() -> None:
    records = read(FUTURE)[1]
    unknown = [record.event for record in records if isinstance(record.event, ev.UnknownEvent)]
    assert {event.name for event in unknown} == {"chunk_split", "coverage_measured", "stop_requested"}
    assert unknown[0].data == {"into": [1, 2], "why": "two things at once"}
    said = [entry.text for entry in fold(records).chunks[0].entries]
    assert "an event that this version of Signoff does not know: chunk_split" in said
    assert verify(FUTURE).unknown == ("chunk_split", "stop_requested", "coverage_measured")


def test_a_known_event_of_a_shape_that_is_not_known_is_news_there_and_damage_elsewhere(
    tmp_path: Path,
) -> None:
    journal = (FUTURE / "journal.jsonl").read_text("utf-8")
    assert '"when": "at_dusk"' in journal
    (tmp_path / "journal.jsonl").write_text(
        journal.replace('"version": [1, 9]', '"version": [1, 0]'), "utf-8"
    )
    found = verify(tmp_path)
    assert found.line is not None and "not a valid stop_requested record" in found.problem
