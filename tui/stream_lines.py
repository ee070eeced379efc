"""The lines of a chunk's stream: what the worker says, thinks, calls. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.run_state import Entry, EntryKind
from tui.clock import short_duration
from tui.line import Line
from tui.live import Live
from tui.marks import BAD, NOW, OK, WARN, Mark
from tui.safe_text import Part, row

DETAIL_LINES = 6
CALL_TAIL_CHARS = 1_000
_PATH = re.compile(r'"path":\s*"([^"\\]+)"')
SIGNS: dict[EntryKind, Mark] = {
    "say": Mark(" ", ""),
    "think": Mark("~", "$text-muted"),
    "tool": Mark("·", "$text-muted"),
    "file": Mark("±", "$text-success"),
    "denied": Mark("✗", "$text-error"),
    "check": Mark("▸", "$text-secondary"),
    "decision": Mark("?", "$text-accent"),
    "review": Mark("■", "$text-accent"),
    "message": Mark("»", "$text-accent"),
    "fault": Mark("!", "$text-warning"),
}
STYLES: dict[EntryKind, str] = {
    "think": "$text-muted italic",
    "tool": "$foreground 80%",
    "denied": "$text-error",
    "message": "bold",
    "fault": "$text-warning",
}


def entry_lines(entry: Entry, *, over: bool = False) -> Iterator[Line]:
    """`over`: the run has ended, so a call without an answer is not under way any more."""
    sign, style = SIGNS[entry.kind], STYLES.get(entry.kind, "")
    first, *rest = entry.text.split("\n")
    prefix = f"{entry.detail}: " if entry.kind == "message" and entry.detail else ""
    head: list[Part] = [(f"{sign.sign} ", sign.style), (prefix + first, style)]
    if entry.kind == "tool":
        mark = _state(entry, over=over)
        took = "not finished" if mark is WARN else short_duration(entry.duration_s)
        head += [(f"  {mark.sign}", mark.style), (f" {took}", "$text-muted")]
    yield Line(row(*head), hang=2)
    for text in rest:
        yield Line(row("  ", (text, style)), hang=2)
    yield from _detail(entry)


def _state(entry: Entry, *, over: bool) -> Mark:
    if entry.ok is None:
        return WARN if over else NOW
    return OK if entry.ok else BAD


def _detail(entry: Entry) -> Iterator[Line]:
    """A failed call says why; a review's comment is always there."""
    if not entry.detail or entry.kind == "message" or (entry.ok and entry.kind != "review"):
        return
    texts = entry.detail.split("\n")
    for text in texts[:DETAIL_LINES]:
        yield Line(row("    ", (text, "$text-muted" if entry.ok else "$text-error")), hang=4)
    if len(texts) > DETAIL_LINES:
        yield Line(row((f"    … {len(texts) - DETAIL_LINES} more lines", "$text-muted")))


def _call_lines(text: str) -> Iterator[Line]:
    """A tool call as it is written: for which file, and the end of what it writes.

    `text` is raw JSON that has not ended yet, so it is read as text. Several calls of one reply follow
    one another in it; inside a string the quote would be escaped.
    """
    text = text[text.rfind('}{"') + 1 :]
    paths = _PATH.findall(text)
    sign, style = SIGNS["tool"], STYLES["tool"]
    what = f"writing a call: {paths[-1]}" if paths else "writing a call"
    yield Line(row((f"{sign.sign} ", sign.style), (what, style), (f"  {NOW.sign}", NOW.style)), hang=2)
    written = text[-CALL_TAIL_CHARS:].replace("\\n", "\n").replace('\\"', '"').split("\n")
    for line in written[-DETAIL_LINES:]:
        yield Line(row("    ", (line, "$text-muted")), hang=4)


def live_lines(live: Live) -> Iterator[Line]:
    """The reply that is being written, and the output of what runs."""
    for piece in live.pieces:
        if piece.kind == "tool":
            yield from _call_lines(piece.text)
            continue
        kind: EntryKind = "think" if piece.kind == "thinking" else "say"
        sign, style = SIGNS[kind], STYLES.get(kind, "")
        for i, text in enumerate(piece.text.strip("\n").split("\n")):
            yield Line(row((f"{sign.sign} " if i == 0 else "  ", sign.style), (text, style)), hang=2)
    if live.output:
        for text in live.output.rstrip("\n").split("\n"):
            yield Line(row("    ", (text, "$text-muted")), hang=4)
