"""Where "go to" leads: a time of the timeline, a step from here, a share, a record, a chunk. No widget."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from core.recording import Recording
from tui.clock import span
from tui.replay.stops import ChunkStops

_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,4}):([0-5]\d)")
_STEP = re.compile(r"([+-])\s*(\d{1,9}(?:\.\d+)?)\s*(s|m|min|h|)")
_SHARE = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*%")
_CHUNK = re.compile(r"c(?:hunk)?\s*(\d{1,9})", re.IGNORECASE)
_RECORD = re.compile(r"#?\s*(\d{1,18})")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600}
EXPECTED = "a time 12:41, +90s, 45%, a record's number or chunk 3"


class NowhereToGo(Exception):
    """What was typed leads nowhere: one line that says why."""


def goal(text: str, recording: Recording, stops: ChunkStops, here: int) -> int:
    """The record that `text` names, seen from record `here`. Raises NowhereToGo. May read the source."""
    text, length = text.strip(), recording.length
    if not length:
        raise NowhereToGo("there is nothing to go to yet")
    if found := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return _at_elapsed(recording, 3600 * hours + 60 * minutes + seconds)
    if found := _STEP.fullmatch(text):
        return _step(recording, here, found)
    if found := _SHARE.fullmatch(text):
        return _share(float(found[1]), length)
    if found := _CHUNK.fullmatch(text):
        return _chunk(int(found[1]), stops)
    if found := _RECORD.fullmatch(text):
        return _record(int(found[1]), length)
    raise NowhereToGo(f"{text or 'nothing'}: expected {EXPECTED}")


def _at_elapsed(recording: Recording, seconds: float) -> int:
    started = _started(recording)
    total = (recording.record(recording.length).at - started).total_seconds()
    if seconds > total + 1:
        raise NowhereToGo(f"{span(seconds)} is behind the end, which is at {span(total)}")
    return _at(recording, started + timedelta(seconds=seconds))


def _step(recording: Recording, here: int, found: re.Match[str]) -> int:
    """`+90s` from the time that is shown; `+90` from the record that is shown."""
    by = float(found[2]) * (1 if found[1] == "+" else -1)
    if not found[3]:
        return min(max(here + int(by), 1), recording.length)
    _started(recording)
    now = recording.record(max(here, 1)).at
    return _at(recording, now + timedelta(seconds=by * _SECONDS[found[3]]))


def _share(percent: float, length: int) -> int:
    if percent > 100:
        raise NowhereToGo(f"{percent:g}%: expected a share up to 100%")
    return max(1, round(length * percent / 100))


def _chunk(number: int, stops: ChunkStops) -> int:
    stop = stops.of(number)
    if stop is None:
        raise NowhereToGo(f"there is no chunk {number} in this recording")
    return stop


def _record(number: int, length: int) -> int:
    if not 1 <= number <= length:
        raise NowhereToGo(f"there is no record {number}: they go from 1 to {length}")
    return number


def _started(recording: Recording) -> datetime:
    if not recording.timed:
        raise NowhereToGo("this log has no times: give a record's number, a share like 45% or chunk 3")
    return recording.record(1).at


def _at(recording: Recording, when: datetime) -> int:
    return min(max(recording.seq_at(when), 1), recording.length)
