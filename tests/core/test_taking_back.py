"""A revert takes the worker's changes out of a file and leaves those that somebody else made."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.blobs import sha_of
from core.domain import FileChange
from core.taking_back import OverlapError, Settled, WayBack, ways_back
from core.three_way import merged

BASE = b"one\ntwo\nthree\nfour\nfive\n"


class History:
    """The changes of one file, with whose they are."""

    def __init__(self, content: bytes | None) -> None:
        self.content = content
        self.mode = None if content is None else 0o644
        self.changes: list[FileChange] = []
        self.theirs: set[int] = set()
        self.blobs: dict[str, bytes] = {}

    def then(self, content: bytes | None, *, theirs: bool = False, mode: int = 0o644) -> History:
        if theirs:
            self.theirs.add(len(self.changes))
        before, after = (self._kept(data) for data in (self.content, content))
        action = "create" if before is None else "delete" if after is None else "modify"
        mode_after = None if content is None else mode
        self.changes.append(
            FileChange(
                path="a.py",
                action=action,  # type: ignore[arg-type]
                before=before,
                after=after,
                mode_before=self.mode,
                mode_after=mode_after,
            )
        )
        self.content, self.mode = content, mode_after
        return self

    def _kept(self, data: bytes | None) -> str | None:
        if data is None:
            return None
        self.blobs[sha_of(data)] = data
        return sha_of(data)

    def back(self, settled: Settled | None = None) -> WayBack | None:
        chosen = {"a.py": settled} if settled else {}
        found = list(ways_back(self.changes, frozenset(self.theirs), self.blobs.__getitem__, chosen))
        return found[0] if found else None


def back(history: History) -> bytes | None:
    way = history.back()
    assert way is not None
    return way.content


def test_the_workers_lines_go_and_theirs_stay() -> None:
    history = History(BASE).then(BASE.replace(b"two", b"TWO"))
    history.then(b"# mine\n" + BASE.replace(b"two", b"TWO"), theirs=True)
    history.then(b"# mine\n" + BASE.replace(b"two", b"TWO").replace(b"five", b"FIVE"))
    assert back(history) == b"# mine\n" + BASE


def test_theirs_stays_also_when_the_worker_wrote_over_it() -> None:
    history = History(BASE).then(BASE.replace(b"two", b"TWO")).then(b"mine\n", theirs=True)
    with pytest.raises(OverlapError, match=r"before the chunk: blob [0-9a-f]{12} and now: blob"):
        history.then(b"ours\n").back()
    history = History(BASE).then(BASE + b"ours\n").then(b"mine\n" + BASE + b"ours\n", theirs=True)
    assert back(history.then(b"ours alone\n")) == b"mine\n" + BASE


def test_a_file_of_the_workers_that_somebody_edited_is_theirs_to_settle() -> None:
    history = History(None).then(b"ours\n").then(b"ours\nmine\n", theirs=True)
    with pytest.raises(OverlapError, match="before the chunk: no file"):
        history.back()
    assert history.back("keep") is None
    way = history.back("back")
    assert way is not None and way.content is None


def test_what_they_deleted_or_made_executable_stays_so() -> None:
    assert back(History(BASE).then(BASE + b"ours\n").then(None, theirs=True)) is None
    assert back(History(None).then(b"ours\n").then(None, theirs=True).then(b"again\n")) is None
    way = History(BASE).then(BASE + b"ours\n").then(BASE + b"ours\n", theirs=True, mode=0o755).back()
    assert way is not None and (way.content, way.mode) == (BASE, 0o755)


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (b"one\nTWO\nthree\n", b"one\ntwo\nthree\nfour\n", b"one\nTWO\nthree\nfour\n"),
        (b"one\r\ntwo\nthree\n", b"one\ntwo\nthree", b"one\r\ntwo\nthree"),
        (b"one\nTWO\nthree\n", b"one\nTwo\nthree\n", None),
        (b"one\nTWO\nthree\n", b"one\ntwo\nTHREE\n", None),
        (b"one\nTWO\nthree\n", b"one\nTWO\nthree\n", b"one\nTWO\nthree\n"),
        (b"two\nthree\n", b"one\ntwo\n", b"two\n"),
        (b"one\nTWO\nthree\n", b"one\ntwo\nthree\n\0", None),
    ],
)
def test_a_merge_of_two_changes(ours: bytes, theirs: bytes, expected: bytes | None) -> None:
    base = b"one\ntwo\nthree\n"
    assert merged(base, ours, theirs) == expected
    assert merged(base, theirs, ours) == expected


LINES = st.lists(st.sampled_from([b"a", b"b", b"", b"c\r", b"}"]), min_size=1, max_size=8)
STEPS = st.lists(st.tuples(st.booleans(), st.integers(0, 12), st.integers(0, 2)), max_size=8)


@settings(max_examples=300, deadline=None)
@given(LINES, STEPS)
def test_no_line_of_theirs_is_lost_and_none_of_the_workers_stays(
    base: list[bytes], steps: list[tuple[bool, int, int]]
) -> None:
    """They insert lines; the worker replaces and inserts, theirs too."""
    history, lines = History(b"\n".join(base)), list(base)
    for n, (theirs, at, removed) in enumerate(steps):
        lines[at : at + (0 if theirs else removed)] = [b"%s %d" % (b"mine" if theirs else b"ours", n)]
        history.then(b"\n".join(lines), theirs=theirs)
    try:
        way = history.back()
    except OverlapError:
        return
    if way is not None:
        assert way.content is not None
        left = way.content.split(b"\n")
        mine = [line for line in left if line.startswith(b"mine")]
        assert sorted(mine) == sorted(b"mine %d" % n for n, step in enumerate(steps) if step[0])
        assert [line for line in left if not line.startswith(b"mine")] == base
