"""Replacing one exact piece of text in the bytes of a file, and touching no other byte. Pure.

The worker writes LF; the file keeps its own line endings, BOM and last newline (RELIABILITY, "Edits").
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from difflib import SequenceMatcher

from core.diff import is_binary
from core.file_errors import EditError

BOM = b"\xef\xbb\xbf"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
MOST_PLACES = 10
MOST_HINTS = 3
HINT_LENGTH = 120
HINT_LINES = 5_000
CLOSE_ENOUGH = 0.6


def edit_bytes(path: str, data: bytes, old: str, new: str) -> bytes:
    """`data` with `old`, which must be there exactly once, replaced by `new`. EditError says why not."""
    old, new = _lf(old), _lf(new)
    if not old:
        raise EditError(path, "the text to replace is empty")
    if old == new:
        raise EditError(path, "the new text is the same as the old")
    bom, raw = _decoded(path, data)
    text = _lf(raw)
    found = list(_places(text, old))
    if not found:
        raise EditError(path, f"the text to replace is not in the file{_hint(text, old)}")
    if len(found) > 1:
        lines = ", ".join(str(text.count("\n", 0, place) + 1) for place in found[:MOST_PLACES])
        raise EditError(
            path, f"the text to replace is there {_times(found)}, at lines {lines}: give more of it"
        )
    try:
        return bom + _replaced(raw, text, found[0], old, new).encode("utf-8")
    except UnicodeEncodeError:
        raise EditError(path, "the new text holds half of a surrogate pair") from None


def overwrite_bytes(data: bytes, text: str) -> bytes:
    """`text` as the whole of a file that holds `data`, with the file's BOM and line endings.

    A file that is no UTF-8 text has no form to keep.
    """
    if data.startswith(UTF_16) or is_binary(data):
        return text.encode("utf-8")
    raw = data.decode("utf-8", "replace")
    if "\n" in raw:
        text = _lf(text).replace("\n", "\r\n") if _ends_in_crlf(raw, raw) else _lf(text)
    bom = BOM if data.startswith(BOM) else b""
    return bom + text.removeprefix("\ufeff").encode("utf-8") if bom else text.encode("utf-8")


def _times(found: list[int]) -> str:
    return f"{len(found)} times" if len(found) <= MOST_PLACES else f"more than {MOST_PLACES} times"


def _lf(text: str) -> str:
    return text.replace("\r\n", "\n")


def _decoded(path: str, data: bytes) -> tuple[bytes, str]:
    if data.startswith(UTF_16):
        raise EditError(path, "is UTF-16; only UTF-8 text can be edited")
    if is_binary(data):
        raise EditError(path, "is a binary file; only UTF-8 text can be edited")
    bom = BOM if data.startswith(BOM) else b""
    try:
        return bom, data[len(bom) :].decode("utf-8")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, len(bom) + fault.start) + 1
        raise EditError(path, f"is not UTF-8 (line {line}); only UTF-8 text can be edited") from None


def _places(text: str, old: str) -> Iterator[int]:
    """Where `old` stands, overlaps too, as far as anybody wants to know."""
    at = text.find(old)
    for _ in range(MOST_PLACES + 1):
        if at < 0:
            return
        yield at
        at = text.find(old, at + 1)


def _replaced(raw: str, text: str, place: int, old: str, new: str) -> str:
    """`raw` with the differing middle of `old` and `new` exchanged; `place` counts in `text`, its LF form."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    crs = [match.start() - n for n, match in enumerate(re.finditer("\r\n", raw))]
    first, last = place + head, place + len(old) - tail
    start, end = first + bisect_left(crs, first), last + bisect_left(crs, last)
    middle = new[head : len(new) - tail]
    if _ends_in_crlf(raw, raw[start:end]):
        middle = middle.replace("\n", "\r\n")
    return raw[:start] + middle + raw[end:]


def _common(a: str, b: str) -> int:
    shorter = min(len(a), len(b))
    return next((n for n in range(shorter) if a[n] != b[n]), shorter)


def _ends_in_crlf(raw: str, replaced: str) -> bool:
    """Whether the lines that go, or else those of the file, mostly end in CRLF."""
    for part in (replaced, raw):
        crlf = part.count("\r\n")
        if "\n" in part:
            return crlf * 2 > part.count("\n")
    return False


def _hint(text: str, old: str) -> str:
    """The lines that are most like the first line of `old`; the worker often misses by a space."""
    wanted = next((line for line in old.split("\n") if line.strip()), "")
    if not wanted:
        return ""
    lines = [(n, line) for n, line in enumerate(text.split("\n")[:HINT_LINES], 1) if line.strip()]
    spaced = [(n, line) for n, line in lines if line.split() == wanted.split()]
    if spaced:
        return _shown("; its first line is there", spaced[:MOST_HINTS])
    matcher = SequenceMatcher(None, autojunk=False)
    matcher.set_seq2(wanted[:HINT_LENGTH])
    scored = []
    for n, line in lines:
        matcher.set_seq1(line[:HINT_LENGTH])
        if matcher.real_quick_ratio() >= CLOSE_ENOUGH and matcher.quick_ratio() >= CLOSE_ENOUGH:
            scored.append((-matcher.ratio(), n, line))
    close = [(n, line) for score, n, line in sorted(scored) if -score >= CLOSE_ENOUGH]
    return _shown("; the closest lines are", close[:MOST_HINTS]) if close else ""


def _shown(head: str, lines: list[tuple[int, str]]) -> str:
    return f"{head}: " + " | ".join(f"line {n}: {line.strip()[:HINT_LENGTH]}" for n, line in lines)
