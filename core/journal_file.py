"""The end of a journal's file: what a crash or a full disk left there."""

from __future__ import annotations

import os


def is_torn(last_line: bytes) -> bool:
    """Whether a journal's last line was never acknowledged. A loss of power may leave one that has its end
    and not its beginning: the hole reads as NUL bytes, which no record has."""
    return not last_line.endswith(b"\n") or b"\0" in last_line


def cut_torn_line(descriptor: int) -> None:
    """A torn last line would be glued to the next record and take it along."""
    size = os.fstat(descriptor).st_size
    end = _line_end(descriptor, size)
    start = _line_end(descriptor, end - 1)
    if end > start and is_torn(os.pread(descriptor, end - start, start)):
        end = start
    if end < size:
        os.ftruncate(descriptor, end)
        os.fsync(descriptor)


def _line_end(descriptor: int, before: int) -> int:
    """The offset behind the last end of line in the first `before` bytes; 0 where there is none."""
    end = before
    while end > 0:
        start = max(0, end - 65_536)
        at = os.pread(descriptor, end - start, start).rfind(b"\n")
        if at >= 0:
            return start + at + 1
        end = start
    return 0


def roll_back(descriptor: int, size: int) -> None:
    try:
        os.ftruncate(descriptor, size)
    except OSError:
        return  # the torn line is cut off when the journal is next opened
