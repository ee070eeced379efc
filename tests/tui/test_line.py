from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tui.line import Line, row_count, wrapped
from tui.safe_text import row

TEXTS = st.text(alphabet="ab (=,.日本🙂é\u0301\u202e\x1b", max_size=60)


@settings(max_examples=200, deadline=None)
@given(text=TEXTS, width=st.integers(2, 30), hang=st.integers(0, 12), fold=st.booleans(), wrap=st.booleans())
def test_rows_are_counted_as_they_are_wrapped_and_fit(
    text: str, width: int, hang: int, *, fold: bool, wrap: bool
) -> None:
    line = Line(row(text), hang=hang, fold=fold, wrap=wrap)
    rows = wrapped(line, width)
    assert row_count(line, width) == len(rows)
    assert all(r.cell_length <= width for r in rows)


@settings(max_examples=100, deadline=None)
@given(text=TEXTS, width=st.integers(2, 30))
def test_folding_loses_no_character(text: str, width: int) -> None:
    line = Line(row(text), fold=True)
    assert "".join(r.plain for r in wrapped(line, width)) == line.content.plain


def test_a_mark_does_not_stand_alone_before_a_long_word() -> None:
    line = Line(row("x ", "a/long/path/of/a_file.py:28:13", " error"), hang=2)
    assert [r.plain.rstrip() for r in wrapped(line, 20)] == ["x a/long/path/of/a_f", "  ile.py:28:13 error"]
    assert row_count(line, 20) == 2
