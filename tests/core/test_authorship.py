"""Which lines of a chunk's file the engineer changed while the run went on."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.authorship import TheirLines, their_lines
from core.blobs import sha_of
from core.diff import diff_file
from core.domain import FileChange
from core.run_state import ChunkState

PATH = "a.py"


def theirs_of(*steps: tuple[str, bool]) -> TheirLines:
    """The contents one after the other, from the one before the chunk on; whether each was made by them."""
    blobs = {sha_of(text.encode()): text.encode() for text, _ in steps}
    shas = [sha_of(text.encode()) for text, _ in steps]
    changes = tuple(
        FileChange(path=PATH, action="modify", before=before, after=after) for before, after in pairwise(shas)
    )
    places = tuple(n for n, (_, theirs) in enumerate(steps[1:]) if theirs)
    chunk = ChunkState(number=1, changes=changes, their_changes=places)
    return their_lines(chunk, PATH, blobs.__getitem__)


def test_what_they_wrote_and_what_they_took_away() -> None:
    found = theirs_of(("a\nb\nc\n", False), ("a\nb\nc\nd\n", False), ("x\na\nc\nd\n", True))
    assert (set(found.written), set(found.removed)) == ({1}, {2})


def test_what_the_worker_changed_afterwards_is_the_workers() -> None:
    found = theirs_of(("a\nb\n", False), ("a\nmine\n", True), ("a\nworker\n", False))
    assert (set(found.written), set(found.removed)) == (set(), {2})


def test_their_lines_move_with_the_lines_above_them() -> None:
    found = theirs_of(("a\nb\n", False), ("a\nb\nmine\n", True), ("new\na\nb\nmine\n", False))
    assert (set(found.written), set(found.removed)) == ({4}, set())


def test_what_they_took_away_of_the_workers_was_never_in_the_diff() -> None:
    assert theirs_of(("a\n", False), ("a\nworker\n", False), ("a\n", True)) == TheirLines()


def test_a_line_break_at_the_end_is_a_change() -> None:
    assert theirs_of(("a\nb", False), ("a\nb\n", True)).written == {2}


def test_a_binary_file_has_no_lines() -> None:
    assert theirs_of(("a\n", False), ("a\0b\n", True)) == TheirLines()


CONTENTS = st.lists(st.sampled_from("abcde"), max_size=8).map(lambda lines: "".join(f"{x}\n" for x in lines))


@given(CONTENTS, CONTENTS)
def test_all_of_a_file_that_only_they_changed_is_theirs(before: str, after: str) -> None:
    change = FileChange(path=PATH, action="modify", before="x", after="y")
    found = theirs_of((before, False), (after, True))
    lines = [line for hunk in diff_file(change, before.encode(), after.encode()).hunks for line in hunk.lines]
    assert found.written == {line.new_no for line in lines if line.kind == "+"}
    assert found.removed == {line.old_no for line in lines if line.kind == "-"}
