from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.file_errors import EditError
from core.text_edit import edit_bytes


@pytest.mark.parametrize(
    ("data", "old", "new", "after"),
    [
        (b"a\nb\nc\n", "b\n", "B\n", b"a\nB\nc\n"),
        (b"a\r\nb\r\nc", "a\nb", "a\nx\nb", b"a\r\nx\r\nb\r\nc"),
        (b"a\r\nb\r\n", "a\r\nb", "b\r\na", b"b\r\na\r\n"),
        (b"\xef\xbb\xbfa\r\n", "a", "\u00e9", b"\xef\xbb\xbf\xc3\xa9\r\n"),
        (b"a\nb\r\nc\nd\r\n", "b\nc\nd", "b\nC\nd", b"a\nb\r\nC\nd\r\n"),
        (b"a\r\nb\nc\n", "a\nb", "a\nx\nb", b"a\r\nx\nb\nc\n"),
        (b"no newline", "line", "lines", b"no newlines"),
        (b"a\rb\n", "b", "c", b"a\rc\n"),
        (b"x\n", "x\n", "", b""),
    ],
)
def test_only_the_named_text_changes(data: bytes, old: str, new: str, after: bytes) -> None:
    assert edit_bytes("f", data, old, new) == after


@pytest.mark.parametrize(
    ("data", "old", "why"),
    [
        (b"one\ntwo = compute(a)\n", "two = compute(b)", r"closest lines are: line 2: two = compute\(a\)"),
        (b"def f():\n    go()\n", "\tgo()\n", r"its first line is there: line 2: go\(\)"),
        (b"a\nb\na\n", "a", "2 times, at lines 1, 3"),
        (b"aaa", "aa", "2 times"),
        (b"a\n" * 50, "a", "more than 10 times"),
        (b"a", "", "is empty"),
        (b"a", "new", "not in the file"),
        (b"x", "new ", "not in the file"),
        (b"a\n\xff\n", "a", r"not UTF-8 \(line 2\)"),
        (b"a\0", "a", "binary"),
        ("a".encode("utf-16"), "a", "UTF-16"),
    ],
)
def test_why_an_edit_is_refused(data: bytes, old: str, why: str) -> None:
    with pytest.raises(EditError, match=why):
        edit_bytes("f", data, old, "something else")


def test_an_edit_that_changes_nothing_is_refused() -> None:
    with pytest.raises(EditError, match="same"):
        edit_bytes("f", b"a\r\nb", "a\r\nb", "a\nb")


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(EditError, match="surrogate"):
        edit_bytes("f", b"a", "a", "\ud800")


PIECES = st.text(alphabet="ab\n", max_size=12)


@settings(max_examples=150)
@given(PIECES, PIECES, PIECES, st.text(alphabet="cd\n", min_size=1, max_size=6))
def test_a_file_of_one_line_ending_is_edited_as_its_lf_form(
    head: str, tail: str, new: str, mark: str
) -> None:
    old = f"<{mark}>"
    after = edit_bytes("f", f"{head}{old}{tail}".replace("\n", "\r\n").encode(), old, new)
    text = f"{head}{old}{tail}"
    expected = f"{head}{new}{tail}"
    assert after.replace(b"\r\n", b"\n") == expected.encode()
    if "\n" in text:
        assert after.count(b"\r\n") == after.count(b"\n")
