"""The rows of a whole diff in their order, with what stands at them. Nothing walks over all lines of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tui.line import Line
from tui.review.diff_rows import Item, ItemLines, Part
from tui.review.hunk_rows import HunkRows
from tui.review.notes import Note, Notes
from tui.review.places import FOLD_KEY
from tui.review.rows import HeadRow, Section
from tui.safe_text import row

NO_NEWLINE = "\\ No newline at the end of the file"


@dataclass(slots=True)
class Built:
    """`files` are (first, last) lines of each file, `changes` the first one of each run of changed lines."""

    items: list[Item] = field(default_factory=list)
    files: list[tuple[int, int]] = field(default_factory=list)
    changes: list[int] = field(default_factory=list)
    length: int = 0

    def add(self, *items: Item) -> None:
        self.items += items
        self.length += sum(len(item) if isinstance(item, Part) else 1 for item in items)

    @property
    def lines(self) -> ItemLines:
        return ItemLines(self.items)


def built(
    sections: Sequence[Section],
    notes: Notes,
    *,
    above: Iterable[Line] = (),
    split: bool = False,
    folded: Callable[[Section], str] = lambda section: "",
) -> Built:
    """`above` stands before the first file; `folded` says why a file is, or nothing."""
    done = Built()
    done.add(*above)
    for note in notes.elsewhere:
        done.add(*_elsewhere(note))
    if not sections:
        done.add(Line(row(("No file is changed.", "$text-muted"))))
    for section in sections:
        if done.length:
            done.add(Line(row("")))
        first = done.length
        _file(done, section, notes.of(section.file.path), folded(section), split=split)
        done.files.append((first, done.length - 1))
    return done


def _elsewhere(note: Note) -> Iterator[Line]:
    if note.about:
        yield Line(row((f"   {note.about}", "bold")), fold=True)
    yield from note.lines


def _file(done: Built, section: Section, notes: Sequence[Note], why: str, *, split: bool) -> None:
    file = section.file
    done.add(HeadRow(section))
    if why:
        lines = file.added + file.removed
        says = f"   ▸ {lines:,} changed lines folded: {why}.  enter opens them"
        for note in notes:
            done.add(*note.lines)
        done.add(Line(row((says, "$text-muted")), key=f"{FOLD_KEY}{file.path}", hang=5))
        return
    hunks = [HunkRows(section, hunk, split=split) for hunk in file.hunks]
    at_rows: dict[HunkRows, list[tuple[int, Line]]] = {}
    for note in notes:
        place = _in_hunk(hunks, note)
        if place is None:
            done.add(*_at_head(note))
        else:
            at_rows.setdefault(place[0], []).extend((place[1], line) for line in note.lines)
    if file.binary:
        done.add(Line(row(("   Binary file.", "$text-muted"))))
    elif not file.hunks:
        done.add(Line(row(("   No line is changed.", "$text-muted"))))
    for hunk in hunks:
        _hunk(done, hunk, at_rows.get(hunk, ()))


def _in_hunk(hunks: Sequence[HunkRows], note: Note) -> tuple[HunkRows, int] | None:
    """The row under which it stands; None where the diff does not show its line."""
    place = note.place
    if place is None or place.line is None:
        return None
    found = ((hunk, hunk.row_of(place.side, place.line)) for hunk in hunks)
    return next(((hunk, index) for hunk, index in found if index is not None), None)


def _at_head(note: Note) -> Iterator[Line]:
    """A note on a line that the diff does not show says which."""
    if note.place is not None and note.place.line is not None:
        yield Line(row((f"   line {note.place.line}, not in the diff:", "$text-muted")))
    yield from note.lines


def _hunk(done: Built, rows: HunkRows, notes: Iterable[tuple[int, Line]]) -> None:
    """`notes` are what stands under rows of it."""
    hunk = rows.hunk
    span = f"@@ -{hunk.old_start},{hunk.old_count} +{hunk.new_start},{hunk.new_count} @@"
    done.add(Line(row((span, "$text-secondary")), wrap=False))
    unended = Line(row((NO_NEWLINE, "$text-muted")), wrap=False)
    under = sorted([*((index, unended) for index in rows.unended()), *notes], key=lambda found: found[0])
    changes, at = rows.changes(), 0
    change = next(changes, None)
    for index, line in [*under, (len(rows) - 1, None)]:
        while change is not None and change <= index:
            done.changes.append(done.length + change - at)
            change = next(changes, None)
        if index >= at:
            done.add(Part(rows, at, index + 1))
            at = index + 1
        if line is not None:
            done.add(line)
