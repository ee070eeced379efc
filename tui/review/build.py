"""The rows of a whole diff in their order, with what stands at them. Linear; nothing is drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.diff_words import Pair, pairs
from tui.line import Laid, Line
from tui.review.notes import Note, Notes
from tui.review.places import FOLD_KEY, Side
from tui.review.rows import DiffRow, HeadRow, Section, SplitRow, UnifiedRow
from tui.safe_text import row

if TYPE_CHECKING:
    from core.diff import Hunk


@dataclass(slots=True)
class Built:
    """`files` are (first, last) lines of each file, `changes` the first one of each run of changed lines."""

    lines: list[Laid] = field(default_factory=list)
    files: list[tuple[int, int]] = field(default_factory=list)
    changes: list[int] = field(default_factory=list)


def built(
    sections: Sequence[Section],
    notes: Notes,
    *,
    above: Iterable[Line] = (),
    split: bool = False,
    folded: Callable[[Section], str] = lambda section: "",
) -> Built:
    """`above` stands before the first file; `folded` says why a file is, or nothing."""
    done = Built(lines=[*above])
    for note in notes.elsewhere:
        done.lines += _elsewhere(note)
    if not sections:
        done.lines.append(Line(row(("No file is changed.", "$text-muted"))))
    for section in sections:
        if done.lines:
            done.lines.append(Line(row("")))
        first = len(done.lines)
        _file(done, section, notes.of(section.file.path), folded(section), split=split)
        done.files.append((first, len(done.lines) - 1))
    return done


def _elsewhere(note: Note) -> Iterator[Line]:
    if note.about:
        yield Line(row((f"   {note.about}", "bold")), fold=True)
    yield from note.lines


def _file(done: Built, section: Section, notes: Sequence[Note], why: str, *, split: bool) -> None:
    file = section.file
    done.lines.append(HeadRow(section))
    if why:
        lines = file.added + file.removed
        says = f"   ▸ {lines:,} changed lines folded: {why}.  enter opens them"
        done.lines += [line for note in notes for line in note.lines]
        done.lines.append(Line(row((says, "$text-muted")), key=f"{FOLD_KEY}{file.path}", hang=5))
        return
    shown = _numbers(section) if notes else set()
    at_lines: dict[tuple[Side, int], list[Line]] = {}
    for note in notes:
        place = note.place
        if place is not None and place.line is not None and (place.side, place.line) in shown:
            at_lines.setdefault((place.side, place.line), []).extend(note.lines)
        else:
            done.lines += _at_head(note)
    if file.binary:
        done.lines.append(Line(row(("   Binary file.", "$text-muted"))))
    elif not file.hunks:
        done.lines.append(Line(row(("   No line is changed.", "$text-muted"))))
    for hunk in file.hunks:
        _hunk(done, section, hunk, at_lines, split=split)


def _at_head(note: Note) -> Iterator[Line]:
    """A note on a line that the diff does not show says which."""
    if note.place is not None and note.place.line is not None:
        yield Line(row((f"   line {note.place.line}, not in the diff:", "$text-muted")))
    yield from note.lines


def _numbers(section: Section) -> set[tuple[Side, int]]:
    found: set[tuple[Side, int]] = set()
    for hunk in section.file.hunks:
        found |= {("new", n) for n in range(hunk.new_start, hunk.new_start + hunk.new_count)}
        found |= {("old", n) for n in range(hunk.old_start, hunk.old_start + hunk.old_count)}
    return found


def _hunk(
    done: Built,
    section: Section,
    hunk: Hunk,
    at_lines: dict[tuple[Side, int], list[Line]],
    *,
    split: bool,
) -> None:
    span = f"@@ -{hunk.old_start},{hunk.old_count} +{hunk.new_start},{hunk.new_count} @@"
    done.lines.append(Line(row((span, "$text-secondary")), wrap=False))
    changing = False
    for diff_row in _split(section, hunk) if split else _unified(section, hunk):
        before, changing = changing, diff_row.changed
        if changing and not before:
            done.changes.append(len(done.lines))
        done.lines.append(diff_row)
        if not diff_row.ends:
            done.lines.append(Line(row(("\\ No newline at the end of the file", "$text-muted")), wrap=False))
        if at_lines:
            done.lines += _notes_at(diff_row, at_lines)


def _split(section: Section, hunk: Hunk) -> Iterator[DiffRow]:
    width = section.width
    for old, new in pairs(hunk):
        yield SplitRow(section, hunk, old, new, width)


def _unified(section: Section, hunk: Hunk) -> Iterator[DiffRow]:
    """What went before what came, each knowing what it became or was."""
    width = section.width
    block: list[Pair] = []
    for pair in pairs(hunk):
        if pair[0] is not pair[1]:
            block.append(pair)
            continue
        yield from _block(section, hunk, block, width)
        block = []
        if pair[1] is not None:
            yield UnifiedRow(section, hunk, pair[1], None, width)
    yield from _block(section, hunk, block, width)


def _block(section: Section, hunk: Hunk, block: Sequence[Pair], width: int) -> Iterator[DiffRow]:
    for old, new in block:
        if old is not None:
            yield UnifiedRow(section, hunk, old, new, width)
    for old, new in block:
        if new is not None:
            yield UnifiedRow(section, hunk, new, old, width)


def _notes_at(diff_row: DiffRow, at_lines: dict[tuple[Side, int], list[Line]]) -> Iterator[Line]:
    for line in diff_row.lines:
        if line.old_no is not None:
            yield from at_lines.pop(("old", line.old_no), ())
        if line.new_no is not None:
            yield from at_lines.pop(("new", line.new_no), ())
