"""A journal of any length, written fast: the chunks of a recorded run, over and over.

Every record is one of the sample's, with its own number, time, chunk and ids. Blobs are those of the sample.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path

SAMPLE = Path(__file__).resolve().parent / "journals" / "python" / "journal.jsonl"
BEGAN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
A_RECORD = timedelta(milliseconds=700)
CHUNKS = 5
CALL = re.compile(r"\b(s\d+r\d+c\d+-k\d+t\d+)\b")
REVIEW = re.compile(r'"request_id":"review:[\d:]+')


def write_long_journal(folder: Path, records: int) -> None:
    """`folder` gets the journal of a run that is at work still."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "journal.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(long_journal(records))


def long_journal(records: int) -> Iterator[str]:
    """The header, and so many records."""
    header, started, *rest = SAMPLE.read_text("utf-8").splitlines(keepends=True)
    yield header
    yield started
    ends = next(n for n, line in enumerate(rest) if _starts(line, CHUNKS + 1))
    templates = [_template(line) for line in rest[:ends]]
    for seq, line in enumerate(islice(_repeated(templates), records - 1), start=2):
        at = (BEGAN + seq * A_RECORD).isoformat(timespec="microseconds")
        yield line.replace("<seq>", str(seq), 1).replace("<at>", at, 1)


def _repeated(templates: list[tuple[int, str]]) -> Iterator[str]:
    for time in count():
        for chunk, text in templates:
            number = str(time * CHUNKS + chunk)
            yield text.replace("<chunk>", number).replace("<time>", str(time))


def _template(line: str) -> tuple[int, str]:
    named = re.search(r'"chunk":(\d+)', line)
    chunk = int(named[1]) if named else 0
    text = re.sub(r'"seq":\d+', '"seq":<seq>', line, count=1)
    text = re.sub(r'"at":"[^"]+"', '"at":"<at>"', text, count=1)
    text = re.sub(r'"chunk":\d+', '"chunk":<chunk>', text)
    text = CALL.sub(r"\1-<time>", text)
    return chunk, REVIEW.sub(lambda found: f"{found[0]}:<time>", text)


def _starts(line: str, chunk: int) -> bool:
    return '"type":"conversation_started"' in line and f'"chunk":{chunk},' in line
