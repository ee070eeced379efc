"""The rows of a diff: which lines stand together, what of them changed, how high they are."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from core.diff import DiffLine, FileDiff, diff_file
from core.diff_words import changed_words, pairs
from core.domain import FileChange
from tests.tui import journal_of_a_review as journal
from tui.review.build import Built, built
from tui.review.colours import LARGEST, file_colours
from tui.review.folding import why_folded
from tui.review.notes import Notes
from tui.review.places import FOLD_KEY, Place, place_key, place_of
from tui.review.rows import Section, SplitRow, UnifiedRow, halves


def diff(before: str | None, after: str | None, path: str = "a.py") -> FileDiff:
    old, new = (None if text is None else text.encode() for text in (before, after))
    action = "create" if old is None else "delete" if new is None else "modify"
    change = FileChange(path=path, action=action, before=None, after=None)  # type: ignore[arg-type]
    return diff_file(change, old, new)


def rows(file: FileDiff, *, split: bool = False) -> Built:
    return built([Section(file)], Notes(), split=split)


def plain(made: Built, width: int = 60) -> list[str]:
    return [row.plain.rstrip() for laid in made.lines for row in laid.rows(width)]


# --- words ------------------------------------------------------------------------------


def test_only_the_words_that_changed_stand_out() -> None:
    old, new = "return first + second", "return first - third"
    before, after = changed_words(old, new)
    assert [old[a:b] for a, b in before] == ["+ second"]
    assert [new[a:b] for a, b in after] == ["- third"]


def test_lines_with_little_in_common_are_changed_as_a_whole() -> None:
    assert changed_words("import os", "class Wish:") == ((), ())
    assert changed_words("x = 1", "x = 1" + " + 1" * 400) == ((), ())


@settings(max_examples=100, deadline=None)
@given(before=st.text("ab (,日\u0301\t", max_size=40), after=st.text("ab (,日\u0301\t", max_size=40))
def test_the_stretches_are_in_order_and_the_rest_is_the_same(before: str, after: str) -> None:
    old, new = changed_words(before, after)
    kept = []
    for text, stretches in ((before, old), (after, new)):
        edges = [0, *(n for stretch in stretches for n in stretch), len(text)]
        assert edges == sorted(edges)
        kept.append("".join("".join(text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)).split()))
    assert kept[0] == kept[1] or (old, new) == ((), ())


def test_a_changed_line_stands_beside_what_it_became() -> None:
    file = diff("a\nkeep(one)\nz\n", "a\nnew()\nnewer()\nkeep(one, two)\nz\n")
    found = [(a and a.text, b and b.text) for a, b in pairs(file.hunks[0])]
    assert (None, "new()") in found
    assert ("keep(one)", "keep(one, two)") in found


@settings(max_examples=80, deadline=None)
@given(
    before=st.lists(st.sampled_from("abc"), max_size=12),
    after=st.lists(st.sampled_from("abcd"), max_size=12),
)
def test_no_line_of_a_hunk_is_lost_or_shown_twice(before: list[str], after: list[str]) -> None:
    for hunk in diff("\n".join(before), "\n".join(after)).hunks:
        old = [a for a, _ in pairs(hunk) if a is not None]
        new = [b for _, b in pairs(hunk) if b is not None]
        assert [line.text for line in old] == [line.text for line in hunk.lines if line.kind != "+"]
        assert [line.text for line in new] == [line.text for line in hunk.lines if line.kind != "-"]


# --- layout -----------------------------------------------------------------------------

TEXTS = st.text("ab (=\t日本🙂é\u0301\u202e\x1b\r", max_size=70)


@settings(max_examples=150, deadline=None)
@given(old=TEXTS, new=TEXTS, width=st.integers(24, 90))
def test_rows_are_counted_as_they_are_laid_out_and_fit(old: str, new: str, width: int) -> None:
    section = Section(diff("x", "y"))
    hunk = section.file.hunks[0]
    before = DiffLine(kind="-", old_no=1, new_no=None, text=old)
    after = DiffLine(kind="+", old_no=None, new_no=1, text=new)
    for row in (
        UnifiedRow(section, hunk, before, after, 3),
        UnifiedRow(section, hunk, after, before, 3),
        SplitRow(section, hunk, before, after, 3),
        SplitRow(section, hunk, None, after, 3),
    ):
        made = row.rows(width)
        assert row.count(width) == len(made)
        assert all(content.cell_length <= width for content in made)


def test_split_has_the_two_sides_in_their_columns() -> None:
    made = rows(diff("same\nold\n", "same\nnew\nmore\n"), split=True)
    left, _ = halves(60)
    bars = [text[left] for text in plain(made) if "│" in text]
    assert len(bars) == 3 and set(bars) == {"│"}
    assert any("- old" in text[:left] and "+ new" in text[left:] for text in plain(made))
    assert any(not text[:left].strip() and "+ more" in text[left:] for text in plain(made))


def test_a_missing_newline_and_a_binary_file_are_said() -> None:
    assert "\\ No newline at the end of the file" in plain(rows(diff("a\n", "a\nb")))
    assert any("Binary file" in text for text in plain(rows(diff("a", "a\0b"))))


def test_changes_are_runs_of_changed_lines() -> None:
    made = rows(diff("a\nb\nc\nd\n", "a\nB\nc\nD\n"))
    lines = [made.lines[index] for index in made.changes]
    assert [line.line.text for line in lines if isinstance(line, UnifiedRow)] == ["b", "d"]


@settings(max_examples=60, deadline=None)
@given(path=st.text(min_size=1).filter(lambda text: "\0" not in text), line=st.none() | st.integers(1, 9999))
def test_a_key_says_the_place(path: str, line: int | None) -> None:
    assert place_of(place_key(Place(path, line))) == Place(path, line)
    if line is not None:
        assert place_of(place_key(Place(path, line, "old"))) == Place(path, line, "old")
    assert place_of(f"{FOLD_KEY}{path}") == Place(path)


# --- colours ----------------------------------------------------------------------------


def test_colours_are_at_the_lines_of_the_diff() -> None:
    source = 'def f():\n    """A\n    doc."""\n    return "x"\n'
    colours = file_colours("a.py", None, source.encode())
    assert (0, 3, "$text-secondary") in colours.of("new", 1)
    doc = '    doc."""'
    assert {style for start, end, style in colours.of("new", 3) if doc[start:end].strip()} == {"$text-accent"}
    assert colours.of("new", 99) == colours.of("old", 1) == ()


@settings(max_examples=60, deadline=None)
@given(text=st.text("ab'\"#\n\t(){}é\u2028\r", max_size=120))
def test_stretches_of_colour_fit_their_lines(text: str) -> None:
    for path in ("a.py", "b.ts"):
        colours = file_colours(path, text.encode(), None)
        for number, line in enumerate(text.split("\n"), 1):
            painted = colours.of("old", number)
            edges = [n for start, end, _ in painted for n in (start, end)]
            assert edges == sorted(edges) and all(n <= len(line) for n in edges)


def test_what_is_too_large_or_unknown_has_no_colours() -> None:
    line = b"x = 1\n"
    assert file_colours("a.py", None, line * (LARGEST // len(line) + 1)).new == ()
    assert file_colours("a.js", None, b"x = 1;" * 1000).new == ()
    assert file_colours("a.unheard", None, line).new == ()


# --- folding ----------------------------------------------------------------------------


def test_lock_files_and_generated_ones_are_folded() -> None:
    folded = {
        "pnpm-lock.yaml": "lock file",
        "a/poetry.lock": "lock file",
        "web/app.min.js": "minified",
        "tests/__snapshots__/a.snap": "snapshot",
        "packages/backend/migrations/meta/0003_snapshot.json": "migration snapshot",
        "proto/wish_pb2.py": "generated",
    }
    assert {path: why_folded(diff("a", "b", path), b"b") for path in folded} == folded
    header = b"// @generated by the schema compiler\nexport {};\n"
    assert why_folded(diff("a", "b", "client.ts"), header) == "generated"
    for path in ("lock.py", "apps/api/locks.ts", "migrations/0003_wish.sql", "docs/meta/a.json", "min.js"):
        assert why_folded(diff("a", "b", path), b"b") == ""
    assert why_folded(diff("a", "b", "a.py"), b"# This generates a report.\n" + b"#\n" * 900 + header) == ""


def test_a_folded_file_says_how_many_lines_it_hides() -> None:
    files = journal.ReviewView(journal.at_review()).files
    lock = next(file for file in files if file.path == journal.LOCK)
    made = built([Section(lock)], Notes(), folded=lambda section: "lock file")
    assert len(made.lines) == 2
    assert "600 changed lines folded: lock file" in plain(made)[1]
