"""Hunks of a diff. Their lines are made when somebody looks at them, so a diff costs what the match of its
lines costs, however many there are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Literal, NamedTuple, TypeAlias, overload

from core.domain import value

LineKind: TypeAlias = Literal[" ", "+", "-"]


@value
class DiffLine:
    """A line without its LF. Numbers count from 1; None on the side where it is not.

    Bytes that are not UTF-8 are shown as `\\xff`. `ends` is False for a last line without LF.
    """

    kind: LineKind
    old_no: int | None
    new_no: int | None
    text: str
    ends: bool = True


class Stretch(NamedTuple):
    """So many lines of a hunk that are the `same` on both sides, or what went and what came in its place.

    `start` counts lines of the hunk from 0. `old` and `new` are the numbers, from 1, of the first line on
    that side, or of the one that follows where the stretch has none there.
    """

    start: int
    old: int
    new: int
    removed: int = 0
    added: int = 0
    same: int = 0

    @property
    def length(self) -> int:
        return self.removed + self.added + self.same


@value
class Hunk:
    """Starts and counts as in `@@ -old_start,old_count +new_start,new_count @@`."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    lines: Sequence[DiffLine]


class HunkLines(Sequence[DiffLine]):
    """The lines of a hunk: what went before what came. `old` and `new` are its own, with their LF."""

    __slots__ = ("_ends", "_new", "_old", "stretches")

    def __init__(self, old: Sequence[bytes], new: Sequence[bytes], stretches: Sequence[Stretch]) -> None:
        self._old, self._new = old, new
        self.stretches = stretches
        self._ends = list(accumulate(stretch.length for stretch in stretches))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, index: int) -> DiffLine: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[DiffLine, ...]: ...

    def __getitem__(self, index: int | slice) -> DiffLine | tuple[DiffLine, ...]:
        if isinstance(index, slice):
            return tuple(self._line(n) for n in range(*index.indices(len(self))))
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self._line(index % len(self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def _line(self, index: int) -> DiffLine:
        stretch = self.stretches[bisect_right(self._ends, index)]
        at = index - stretch.start
        if stretch.same:
            return _line(" ", self._raw_new(stretch.new + at), stretch.old + at, stretch.new + at)
        if at < stretch.removed:
            return _line("-", self._raw_old(stretch.old + at), stretch.old + at, None)
        number = stretch.new + at - stretch.removed
        return _line("+", self._raw_new(number), None, number)

    def _raw_old(self, number: int) -> bytes:
        return self._old[number - self.stretches[0].old]

    def _raw_new(self, number: int) -> bytes:
        return self._new[number - self.stretches[0].new]

    def wider_than(self, cells: int, tab: int) -> Iterable[int]:
        """The lines that may take more than `cells` in a terminal, a tab being `tab` of them: all that do are
        among them. Nothing is decoded."""
        every = b"".join(self._old) + b"".join(self._new)
        longest = max(map(len, (*self._old, *self._new)), default=0)
        if longest <= cells and every.isascii() and b"\t" not in every:
            return ()
        return (n for n, raw in enumerate(self._raws()) if _most_cells(raw, tab) > cells)

    def text(self) -> str:
        """All of them, each with a LF."""
        data = b"".join(raw if raw.endswith(b"\n") else raw + b"\n" for raw in self._raws())
        return data.decode("utf-8", errors="backslashreplace")

    def _raws(self) -> Iterator[bytes]:
        old, new = self.stretches[0].old, self.stretches[0].new
        for stretch in self.stretches:
            yield from self._old[stretch.old - old :][: stretch.removed]
            yield from self._new[stretch.new - new :][: stretch.added + stretch.same]


def _most_cells(raw: bytes, tab: int) -> int:
    """No byte beyond ASCII takes more than four: one that is not UTF-8 is shown as `\\xff`, a character that
    acts on a terminal as `<U+202E>`."""
    return len(raw) + (tab - 1) * raw.count(b"\t") if raw.isascii() else max(4, tab) * len(raw)


def _line(kind: LineKind, raw: bytes, old_no: int | None, new_no: int | None) -> DiffLine:
    text = raw.removesuffix(b"\n").decode("utf-8", errors="backslashreplace")
    return DiffLine(kind=kind, old_no=old_no, new_no=new_no, text=text, ends=raw.endswith(b"\n"))


def text_of(hunk: Hunk) -> str:
    """The lines of the hunk, each with a LF and without what tells its kind."""
    if isinstance(hunk.lines, HunkLines):
        return hunk.lines.text()
    return "".join(f"{line.text}\n" for line in hunk.lines)


def stretches(hunk: Hunk) -> Sequence[Stretch]:
    """What of the hunk is the same and what is changed, in order."""
    if isinstance(hunk.lines, HunkLines):
        return hunk.lines.stretches
    return _gathered(hunk)


def _gathered(hunk: Hunk) -> list[Stretch]:
    """Of lines that were made in another way; there too what went stands before what came."""
    found: list[Stretch] = []
    old, new = max(hunk.old_start, 1), max(hunk.new_start, 1)
    for index, line in enumerate(hunk.lines):
        last = found[-1] if found else None
        if last is None or (line.kind == " ") != bool(last.same):
            last = Stretch(index, old, new)
            found.append(last)
        removed, added, same = (line.kind == kind for kind in "-+ ")
        found[-1] = last._replace(
            removed=last.removed + removed, added=last.added + added, same=last.same + same
        )
        old, new = old + removed + same, new + added + same
    return found
