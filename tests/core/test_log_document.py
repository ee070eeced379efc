"""A log in sections: every byte in one of them, headings only where they are some."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.logs import log_document
from core.logs.chunk_heading import chunk_heading
from core.logs.log_document import read_document
from core.logs.log_signal import last_signal

PIECES = (
    b"# Log\n",
    b"## Chunk 1 \xe2\x80\x94 a\r\n",
    b"### Files changed\r",
    b"```bash\n",
    b"```\n",
    b"~~~\n",
    b"<!--\n",
    b"-->\n",
    b"---\n",
    b"- **Files**: `a/b.ts`\n",
    b"BACKEND COMPLETE",
    b"\xff\xfe\x00",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\n\n",
)


def titles(data: bytes) -> list[str]:
    return [section.title for section in read_document(data).sections if section.level]


@given(st.binary(max_size=300) | st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join))
@example(b"")
@example(b"#")
@example(b"\r\r\n\n")
def test_any_bytes_come_back_and_every_section_is_where_it_says(data: bytes) -> None:
    document = read_document(data)
    assert document.raw == data
    for section in document.sections:
        before = data[: section.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        assert before.count(b"\n") == section.line - 1
        assert document.read(section).lines
    assert sum(section.end - section.start for section in document.sections) == len(data)


def test_a_hash_in_a_fence_a_comment_or_the_front_matter_is_no_heading() -> None:
    data = (
        b"---\n# front: matter\n---\n# Log\n```bash\n# not this\n## Chunk 9 - nor this\n```\n"
        b"<!--\n## Chunk 8 - hidden\n-->\n~~~\n```\n# x\n~~~\n## Chunk 1 - real\n"
    )
    assert titles(data) == ["Log", "Chunk 1 - real"]


def test_an_unclosed_fence_hides_nothing() -> None:
    data = b"# Log\n```\n## Chunk 1 - a\n- x\n"
    document = read_document(data)
    assert titles(data) == ["Log", "Chunk 1 - a"]
    assert document.warnings == ("line 2: the code fence is never closed",)


def test_a_fence_that_only_ends_where_a_later_chunk_opens_one_hides_no_chunk() -> None:
    data = b"## Chunk 1 - a\n```bash\npnpm test\n## Chunk 2 - b\n```bash\npnpm lint\n```\n## Chunk 3 - c\n"
    assert titles(data) == ["Chunk 1 - a", "Chunk 2 - b", "Chunk 3 - c"]
    assert read_document(data).warnings == ("line 2: the code fence is never closed",)


def test_a_chunk_holds_its_deeper_headings_and_ends_at_the_next_that_is_not_deeper() -> None:
    data = b"# Log\n### Chunk 1: a\n#### Files\n- x\n### Check\n## Chunk 2: b\n### Notes\ny\n# End\n"
    document = read_document(data)
    assert [(s.kind, s.title, s.line) for s in document.sections] == [
        ("text", "Log", 1),
        ("chunk", "Chunk 1: a", 2),
        ("text", "Check", 5),
        ("chunk", "Chunk 2: b", 6),
        ("text", "End", 9),
    ]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_line_end_counts(end: bytes) -> None:
    data = end.join([b"\xef\xbb\xbf# Log", b"", b"## Chunk 1 - a", b"- Objective: b", b"BACKEND COMPLETE"])
    document = read_document(data)
    (chunk,) = document.chunks
    assert (chunk.line, document.raw, last_signal(document)) == (3, data, "BACKEND COMPLETE")


def test_what_is_too_long_to_be_read_whole_is_kept_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_document, "MOST_LINES", 100)
    data = b"# Log\n" + b"x\n" * 40_000 + b"BACKEND COMPLETE\n"
    document = read_document(data)
    assert document.raw == data
    assert document.warnings == ("line 1: too long to be read whole; all of it is kept",)
    assert len(document.read(document.sections[0]).lines) <= 101
    assert last_signal(document) == "BACKEND COMPLETE"


def test_beyond_so_many_headings_the_rest_is_one_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_document, "MOST_MARKS", 5)
    document = read_document(b"# a\n" * 20)
    assert len(document.sections) == 5
    assert "one text" in document.warnings[0]


@pytest.mark.parametrize(
    ("title", "number", "name"),
    [
        ("Chunk 1 — Add `read.ts`", 1, "Add `read.ts`"),
        ("Chunk 12 - Tests", 12, "Tests"),
        ("Chunk 2 – Service", 2, "Service"),
        ("Chunk 3: Route", 3, "Route"),
        ("Chunk 4", 4, ""),
        ("Chunk 3 - 5 endpoints", 3, "5 endpoints"),
        ("Chunk 7-9 — Tests", "7-9", "Tests"),
        ("Chunks 7–9: Tests", "7-9", "Tests"),
        ("Chunk 7 - 9: Tests", "7-9", "Tests"),
        ("Chunk 2a — Part", "2a", "Part"),
        ("Chunk 2.1: Part", "2.1", "Part"),
        ("Chunk A — Part", "A", "Part"),
        ("**Chunk 5** — Bold", 5, "Bold"),
        ("✅ Chunk 6: Done", 6, "Done"),
        ("Chunk 3/8: Of eight", 3, "Of eight"),
        ("Chunk 3 of 8 — Of eight", 3, "Of eight"),
        ("Chunk 4 (Step 2): Placed", 4, "Placed"),
        ("Fix Chunk 2 — Types", 2, "Types"),
        ("Fix Chunk — Types", None, "Types"),
        ("Fix Chunk", None, "Fix Chunk"),
        ("Fix Cycle 2 - Chunk 1: Types", 1, "Types"),
        ("Chunk 3: Verification", 3, "Verification"),
    ],
)
def test_chunk_headings(title: str, number: int | str | None, name: str) -> None:
    found = chunk_heading(title)
    assert found is not None
    assert (found.number, found.name) == (number, name)


@pytest.mark.parametrize(
    "title",
    [
        "Chunk summary",
        "Chunks",
        "Chunking rule",
        "Summary of chunk 3",
        "Type check after Chunk 2",
        "Chunk 3 verification",
        "Chunk 3 complete",
        "Fix Summary",
        "Step 1: chunk 2",
    ],
)
def test_headings_that_are_only_about_chunks(title: str) -> None:
    assert chunk_heading(title) is None


@given(st.text(max_size=120) | st.text("Chunk 123-—.:fix*`_()", max_size=60))
def test_any_heading_can_be_asked(title: str) -> None:
    found = chunk_heading(title)
    assert found is None or "chunk" in title.casefold()
