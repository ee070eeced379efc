"""A file's diff as a table: unified, the words that changed marked, what was said of a line beneath it.

Nothing is without bounds: a long file ends with a count of what was left out, and so does the whole page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeAlias

from core.diff import DiffLine, FileDiff, Hunk
from core.diff_words import Stretches, changed_words, pairs
from core.domain import FileChange
from core.exports.line_notes import LineNote
from core.exports.tag import Html, code, cut, end, start, tag
from core.past_chunk import counted

# The numbers of a line before and after, which no other line of its hunk has.
Place: TypeAlias = tuple[int | None, int | None]

MOST_FILE_LINES = 600
MOST_PAGE_LINES = 30_000
LONGEST_LINE = 2_000
SMALL_FILE = 40
"""A file of so few lines is open when the page is."""
ACTIONS = {"create": "new", "modify": "", "delete": "deleted"}
# Of a new file there are no old numbers, of a deleted one no new ones.
LOOKS = {"create": "diff fresh", "modify": "diff", "delete": "diff gone"}
ROWS = {" ": "c", "+": "a", "-": "d"}


class DiffBudget:
    """How many lines of diffs the page still takes."""

    def __init__(self, lines: int = MOST_PAGE_LINES) -> None:
        self._left = lines

    def take(self, wanted: int) -> int:
        given = min(wanted, MOST_FILE_LINES, self._left)
        self._left -= given
        return given


def file_head(change: FileChange, notes: int = 0) -> Html:
    said = counted(notes, "note") if notes else ""
    return tag(
        "span",
        tag("span", code(change.path), tag("span", f" {ACTIONS[change.action]}", class_="muted small")),
        *([tag("span", said, class_="small")] if said else []),
        tag(
            "span",
            tag("span", f"+{change.added:,}", class_="plus"),
            " ",
            tag("span", f"−{change.removed:,}", class_="minus"),
            class_="mono",
        ),
        class_="row",
    )


def file_diff(
    change: FileChange, diff: FileDiff, notes: Sequence[LineNote], budget: DiffBudget
) -> Iterator[Html]:
    """The whole file's part of the page, folded unless it is small or something was said of it."""
    total = sum(len(hunk.lines) for hunk in diff.hunks)
    shown = budget.take(total)
    small = total <= SMALL_FILE or bool(notes)
    yield start("details", class_="file", open="" if small and shown else None)
    yield tag("summary", file_head(change, len(notes)))
    yield from _mode(diff)
    if diff.binary:
        yield tag("p", "A binary file: its content is not shown.", class_="muted small")
    elif not total:
        yield tag("p", "No line of it differs.", class_="muted small")
    yield from _table(diff, notes, shown, total)
    yield end("details")


def _mode(diff: FileDiff) -> Iterator[Html]:
    if diff.mode_changed:
        words = f"Mode {diff.mode_before or 0:03o} became {diff.mode_after or 0:03o}."
        yield tag("p", words, class_="muted small")


def _table(diff: FileDiff, notes: Sequence[LineNote], shown: int, total: int) -> Iterator[Html]:
    yield start("table", class_=LOOKS[diff.action])
    # The widths stand in the first row: the table's layout is fixed, so that it is drawn as it comes.
    yield tag(
        "tbody",
        tag("tr", *(tag("td", class_=name) for name in ("n o", "n w", "k", None)), aria_hidden="true"),
    )
    left, said = shown, set[int]()
    for hunk in diff.hunks:
        if left <= 0:
            break
        yield start("tbody")
        yield tag("tr", tag("td", _hunk_head(hunk), colspan=4), class_="h")
        for row, line in _rows(hunk, left):
            yield row
            for n, note in enumerate(notes):
                if n not in said and _is_at(note, line):
                    said.add(n)
                    yield _note_row(note)
        left -= len(hunk.lines)
        yield end("tbody")
    yield from _rest(diff, [note for n, note in enumerate(notes) if n not in said], shown, total)
    yield end("table")


def _hunk_head(hunk: Hunk) -> str:
    return f"@@ -{hunk.old_start},{hunk.old_count} +{hunk.new_start},{hunk.new_count} @@"


def _is_at(note: LineNote, line: DiffLine) -> bool:
    number = line.new_no if note.side == "new" else line.old_no
    return note.line is not None and number == note.line


def _rest(diff: FileDiff, notes: Sequence[LineNote], shown: int, total: int) -> Iterator[Html]:
    """What was left out, and what was said of lines that are not in sight."""
    if not (notes or shown < total):
        return
    rows = []
    if shown < total:
        left_out = counted(total - shown, "more line")
        words = f"{left_out} of this diff not shown here ({counted(total, 'line')} in all)"
        rows.append(tag("tr", tag("td", words, colspan=4), class_="h"))
    yield tag("tbody", *rows, *map(_note_row, notes))


def _note_row(note: LineNote) -> Html:
    place = f", line {note.line}" if note.line is not None else ""
    parts = [
        tag("p", f"{note.head}{place}", class_="by"),
        tag("p", cut(note.text, LONGEST_LINE), class_="said"),
    ]
    if note.answer:
        parts += [tag("p", f"Answer: {cut(note.answer, LONGEST_LINE)}", class_="said")]
    return tag("tr", tag("td", tag("div", *parts, class_=f"note-box {note.tone}"), colspan=4), class_="note")


# --- rows -------------------------------------------------------------------------------


def _rows(hunk: Hunk, most: int) -> Iterator[tuple[Html, DiffLine]]:
    """In the diff's own order, what went before what came."""
    words = _word_marks(hunk, most)
    for line in islice(hunk.lines, most):
        yield _row(line, words.get(_place(line), ())), line


def _word_marks(hunk: Hunk, most: int) -> dict[Place, Stretches]:
    """What changed in the lines that became others; there are no more pairs than lines."""
    found: dict[Place, Stretches] = {}
    for before, after in islice(pairs(hunk), most):
        if before is not None and after is not None and before.kind != after.kind:
            marks = changed_words(before.text, after.text)
            found[_place(before)], found[_place(after)] = marks
    return found


def _place(line: DiffLine) -> Place:
    return line.old_no, line.new_no


def _row(line: DiffLine, words: Stretches) -> Html:
    sign = {"+": "+", "-": "−", " ": ""}[line.kind]
    return tag(
        "tr",
        tag("td", _number(line.old_no), class_="n o"),
        tag("td", _number(line.new_no), class_="n w"),
        tag("td", sign, class_="k"),
        tag("td", *_emphasised(line.text, words), *([] if line.ends else [_no_end()])),
        class_=ROWS[line.kind],
    )


def _number(number: int | None) -> str:
    return "" if number is None else str(number)


def _no_end() -> Html:
    return tag("span", " (no line end)", class_="muted")


def _emphasised(text: str, words: Stretches) -> Iterator[str]:
    if len(text) > LONGEST_LINE:
        yield cut(text, LONGEST_LINE)
        return
    at = 0
    for first, last in words:
        yield text[at:first]
        yield tag("b", text[first:last])
        at = last
    yield text[at:]
