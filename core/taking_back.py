"""What is to stand where a chunk that is reverted changed files: the worker's changes go, and those that
somebody else made meanwhile stay (RELIABILITY, promise 9). Pure, given the blobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

from core.blobs import sha_of
from core.domain import FileChange, Sha, value
from core.file_errors import ConflictError
from core.safe_path import FileState
from core.three_way import merged

# What a person chose for a file where the two overlap: leave it as it is, or as it was before the chunk.
Settled: TypeAlias = Literal["keep", "back"]
GetBlob: TypeAlias = Callable[[Sha], bytes]


class OverlapError(ConflictError):
    """Somebody else changed the same lines, so a person has to say what becomes of the file."""


@value
class WayBack:
    """`left`, `left_mode` is what the chunk left there; `content`, `mode` what is to stand there (None: no
    file)."""

    path: str
    left: Sha | None
    left_mode: int | None
    content: bytes | None
    mode: int | None

    @property
    def sha(self) -> Sha | None:
        return None if self.content is None else sha_of(self.content)

    @property
    def is_left(self) -> bool:
        """Whether the chunk itself left what is to stand there."""
        return (self.left, self.left_mode) == (self.sha, self.mode)

    def is_done(self, state: FileState | None) -> bool:
        """Whether it stands there already."""
        if state is None:
            return self.content is None
        return state.data == self.content and state.mode == self.mode


def ways_back(
    changes: Sequence[FileChange],
    theirs: frozenset[int],
    get_blob: GetBlob,
    settled: Mapping[str, Settled],
) -> Iterator[WayBack]:
    """One a path, by path. `theirs` are the places in `changes` of those that the worker did not make.

    Raises OverlapError at a path that is not `settled`.
    """
    steps: dict[str, list[tuple[FileChange, bool]]] = {}
    for place, change in enumerate(changes):
        steps.setdefault(change.path, []).append((change, place in theirs))
    for path in sorted(steps):
        choice = settled.get(path)
        if choice is None:
            yield _way_back(steps[path], get_blob)
        elif choice == "back":
            yield _way_back([(change, False) for change, _ in steps[path]], get_blob)


def _way_back(steps: list[tuple[FileChange, bool]], get_blob: GetBlob) -> WayBack:
    first, last = steps[0][0], steps[-1][0]
    content, mode = _content(first.before, get_blob), first.mode_before
    for change, is_theirs in steps:
        if not is_theirs:
            continue
        before, after = (_content(sha, get_blob) for sha in (change.before, change.after))
        found = _with_theirs(content, before, after)
        if found is False:
            raise OverlapError(change.path, "changed", _overlap(first, last))
        content = found
        if change.mode_before != change.mode_after:
            mode = change.mode_after
    return WayBack(path=last.path, left=last.after, left_mode=last.mode_after, content=content, mode=mode)


def _with_theirs(
    content: bytes | None, before: bytes | None, after: bytes | None
) -> bytes | Literal[False] | None:
    """`content` with the change from `before` to `after`; False where it has no place in it."""
    if after in (before, content):
        return content
    if content == before or after is None:
        return after
    if content is None or before is None:
        return False
    found = merged(before, content, after)
    return False if found is None else found


def _content(sha: Sha | None, get_blob: GetBlob) -> bytes | None:
    return None if sha is None else get_blob(sha)


def _overlap(first: FileChange, last: FileChange) -> str:
    versions = " and ".join(
        f"{when}: {f'blob {sha[:12]}' if sha else 'no file'}"
        for when, sha in (("before the chunk", first.before), ("now", last.after))
    )
    return f"changes of the worker's and changes made outside the run overlap in it ({versions})"
