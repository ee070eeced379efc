"""The signal that a log ends with: the last one at the top level (SPEC 12)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.logs.log_document import LogDocument, Section
from core.markdown import HEADING, Line

_LEAD = r"[^\w\"]{0,12}(?i:(?:completion |final )?(?:signal|status|result|outcome)[\s*_`]*:[^\w\"]{0,8})?"
_END = r"(?:[^\w(]*$|[^\w(]*\s*[-–—:(,.!].*|\s+(?:for|with|as of)\s.*)"
# Any worker's own signal counts in capitals; a heading or a bold line may write the usual ones as it likes.
CAPITALS = re.compile(rf"{_LEAD}(?P<words>[A-Z]{{2,20}} (?:COMPLETE|PARTIAL|BLOCKED))\b{_END}")
USUAL = r"(?:backend|frontend|fix|fixes|implementation|story)"
HEADED = re.compile(
    rf"{_LEAD}(?P<words>{USUAL}(?: {USUAL})? (?:complete|partial|blocked))\b{_END}", re.IGNORECASE
)
STOPPED = re.compile(r"[\s>*_`#]{0,12}(?P<word>BLOCKED|STOPPED|FAILED)[*_`]{0,3}:[*_`]{0,3}\s*(?P<why>\S.*)")
# Work of a run that says of itself that it is complete is no signal of the run.
PARTS = (
    "CHUNK",
    "CHUNKS",
    "STEP",
    "STEPS",
    "PHASE",
    "TASK",
    "TASKS",
    "TEST",
    "TESTS",
    "CHECK",
    "REVIEW",
    "ALL",
    "NOT",
)
NEEDLES = ("COMPLETE", "omplete", "PARTIAL", "artial", "BLOCKED", "locked", "STOPPED", "FAILED")
NEEDLES_IN_BYTES = tuple(needle.encode() for needle in NEEDLES)
LONGEST = 400
TAIL = 64 * 1024


def signal_in(line: Line) -> str | None:
    """`BACKEND COMPLETE` of a line that is that signal, bold, a heading or plain; `BLOCKED: why` whole."""
    text = line.text
    if (
        line.code
        or len(text) > LONGEST
        or text.startswith(("  ", "\t"))
        or not any(needle in text for needle in NEEDLES)
    ):
        return None
    stopped = STOPPED.fullmatch(text)
    if stopped:
        return f"{stopped['word']}: {stopped['why'].strip(' *_`')}"
    match = CAPITALS.fullmatch(text)
    if not match and (HEADING.fullmatch(text) or text.startswith(("**", "__"))):
        match = HEADED.fullmatch(text)
    if not match or match["words"].split()[0] in PARTS:
        return None
    return " ".join(match["words"].upper().split()[-2:])


def last_signal(document: LogDocument) -> str | None:
    """The last one of the log, None without one. Reads only the sections that may hold one."""
    for section in reversed(document.sections):
        if all(document.data.find(needle, section.start, section.end) < 0 for needle in NEEDLES_IN_BYTES):
            continue
        if signal := _last_in(_tail(document, section)) or _last_in(document.read(section).lines):
            return signal
    return None


def _last_in(lines: Sequence[Line]) -> str | None:
    return next((signal for line in reversed(lines) if (signal := signal_in(line))), None)


def _tail(document: LogDocument, section: Section) -> list[Line]:
    """The last lines of a section that is too long to be read whole."""
    if section.end - section.start <= TAIL or document.is_read_whole(section):
        return []
    rows = document.data[section.end - TAIL : section.end].decode("utf-8", "replace").splitlines()
    return [Line(number=0, text=row) for row in rows[1:]]
