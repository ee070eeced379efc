"""Ids of the entries in the decision files: the next free one, over earlier runs and this one (SPEC 9)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from core.stream import Stream

AUTO, ARCH = "AUTO", "ARCH"


class DecisionIds:
    """`earlier` are the ids that stood in the story's files when the run began."""

    def __init__(self, stream: Stream, earlier: Iterable[str]) -> None:
        self._stream = stream
        self._earlier = tuple(earlier)

    def next(self, prefix: str) -> str:
        """`ARCH-004` when the highest that was given so far is `ARCH-003`."""
        given = (re.fullmatch(rf"{prefix}-(\d+)", each) for each in self._given())
        return f"{prefix}-{max((int(each[1]) for each in given if each), default=0) + 1:03d}"

    def _given(self) -> Iterator[str]:
        yield from self._earlier
        for decision in self._stream.state.decisions:
            if decision.recorded_as:
                yield decision.recorded_as
            if decision.overturned:
                yield decision.overturned.recorded_as
