"""One commit that holds exactly the file changes of one chunk (SPEC 4.6).

It is built beside the engineer's work: from the run's blobs, in an index of its own, on the commit that is
checked out. Their work tree is not touched, and of their index only what would otherwise be out of date.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from pathlib import Path, PurePosixPath

from core.domain import FileChange, Sha, value
from core.git_index import bring_up_to
from core.git_plumbing import Git, GitFault, TreeEntry
from core.story import InputFault

FILE, PROGRAM = "100644", "100755"
TRIES = 3
LOOKED_BACK = 50  # commits, for one that a crash kept from being recorded

GetBlob = Callable[[Sha], bytes]


@value
class Message:
    """`story` and `chunk` become trailers, and are what a commit is found again by."""

    subject: str
    body: str
    story: str
    chunk: int

    def text(self, identity: str) -> str:
        trailers = f"Story: {self.story}\nChunk: {self.chunk}\nSigned-off-by: {identity}\n"
        return "\n\n".join(part for part in (self.subject, self.body, trailers) if part)


@value
class Commit:
    """`branch` None: a detached head. `warning` is set when git's own index could not be brought up to it."""

    oid: str
    branch: str | None
    warning: str = ""


class NotCommitted(Exception):
    """Why there is no commit, and what to do. One line; nothing was changed."""


class UnderWay(NotCommitted):
    """The engineer is in the middle of a merge, a rebase, ...: it can be committed when that is over."""


def refuse_uncommittable(root: Path, environ: Mapping[str, str]) -> None:
    """InputFault when the chunks of a run could not be committed in this workspace at all."""
    try:
        Git(root, environ).identity()
    except GitFault as fault:
        raise InputFault(
            f"commit: chunk needs git, and a user.name and user.email in its configuration: {fault}"
        ) from None


def commit_changes(
    git: Git, changes: Iterable[FileChange], message: Message, get_blob: GetBlob, scratch: Path
) -> Commit:
    """Makes the commit, or finds the one that was made already. NotCommitted when HEAD does not have at each
    path what the chunk found there, GitFault for what git refuses. `scratch` is a file that is ours."""
    wanted = {change.path: change for change in changes}
    for _ in range(TRIES):
        made = _try(git, wanted, message, get_blob, scratch)
        if made is not None:
            return made
    raise NotCommitted("other commits came in between: commit these files yourself")


def find_commit(
    git: Git, changes: Iterable[FileChange], message: Message, get_blob: GetBlob
) -> Commit | None:
    """The commit of these changes that an earlier process made and could not record."""
    wanted, head = {change.path: change for change in changes}, git.head()
    if head is None:
        return None
    oid = _found(git, head, wanted, message, get_blob)
    return None if oid is None else Commit(oid=oid, branch=git.branch())


def _try(
    git: Git, wanted: Mapping[str, FileChange], message: Message, get_blob: GetBlob, scratch: Path
) -> Commit | None:
    """None when HEAD moved meanwhile."""
    operation = git.operation()
    if operation is not None:
        raise UnderWay(f"{operation} is under way: finish or abort it")
    head = git.head()
    old = git.in_tree(head, _with_folders(wanted)) if head else {}
    differing = [path for path, change in wanted.items() if not _stands(git, old, change, get_blob)]
    if differing:
        oid = _found(git, head, wanted, message, get_blob) if head else None
        if oid is None:
            raise _differs(differing[0])
        return Commit(oid=oid, branch=git.branch(), warning=_tidy(git, head, oid, wanted, scratch))
    _refuse_strange(git, wanted, old)
    new = {path: _new_entry(git, old.get(path), change, get_blob) for path, change in wanted.items()}
    oid = _commit(git, head, new, message.text(git.identity()), scratch)
    try:
        git.run("update-ref", "-m", f"signoff: {message.subject}", "HEAD", oid, head or "")
    except GitFault:
        if git.head() == head:
            raise
        return None
    return Commit(oid=oid, branch=git.branch(), warning=_brought_up(git, scratch, old, new))


def _commit(git: Git, head: str | None, new: Mapping[str, TreeEntry | None], text: str, scratch: Path) -> str:
    git.fresh_index(scratch)
    try:
        git.run("read-tree", *([head] if head else ["--empty"]), index=scratch)
        git.put_in_index(scratch, new)
        tree = git.text("write-tree", index=scratch)
    finally:
        scratch.unlink(missing_ok=True)
    nothing = hashlib.new(git.hash, b"tree 0\0").hexdigest()
    if _changes(git, head or nothing, tree) != {path: entry and entry.oid for path, entry in new.items()}:
        raise NotCommitted("its commit would hold more than its changes: commit these files yourself")
    parent = ("-p", head) if head else ()
    return git.text("commit-tree", tree, *parent, "-F", "-", stdin=text.encode("utf-8", "replace"))


# --- what HEAD has ----------------------------------------------------------------------


def _stands(git: Git, old: Mapping[str, TreeEntry], change: FileChange, get_blob: GetBlob) -> bool:
    """Whether HEAD has what the chunk found there. The mode counts only where the chunk changed it: git may
    be told to ignore what the disk says about it (core.fileMode)."""
    entry = old.get(change.path)
    if entry is None or change.before is None:
        return entry is None and change.before is None
    is_file = entry.mode in (FILE, PROGRAM)
    same_mode = not _changes_mode(change) or entry.mode == _mode(change.mode_before)
    return is_file and same_mode and entry.oid == git.name_of(get_blob(change.before))


def _new_entry(git: Git, old: TreeEntry | None, change: FileChange, get_blob: GetBlob) -> TreeEntry | None:
    if change.after is None:
        return None
    keep = old is not None and not _changes_mode(change)
    mode = old.mode if keep and old is not None else _mode(change.mode_after)
    return TreeEntry(mode=mode, oid=git.store(get_blob(change.after)))


def _changes_mode(change: FileChange) -> bool:
    return _mode(change.mode_before) != _mode(change.mode_after)


def _mode(mode: int | None) -> str:
    return PROGRAM if (mode or 0) & stat.S_IXUSR else FILE


def _refuse_strange(git: Git, wanted: Mapping[str, FileChange], old: Mapping[str, TreeEntry]) -> None:
    """Files of another repository, and those that git would not keep as they are: what a filter does to them
    (it may encrypt them) is not for us to leave out."""
    for folder in {str(above) for path in wanted for above in PurePosixPath(path).parents} - {"."}:
        if (folder in old and folder not in wanted) or os.path.lexists(git.root / folder / ".git"):
            raise NotCommitted(f"{folder} belongs to another repository: commit it there yourself")
    for path, name in git.filtered(wanted).items():
        raise NotCommitted(f"git's filter {name} is for {path}, and filters are not run: commit it yourself")


def _with_folders(paths: Iterable[str]) -> list[str]:
    return sorted({str(place) for path in paths for place in (path, *PurePosixPath(path).parents)} - {"."})


def _differs(path: str) -> NotCommitted:
    return NotCommitted(
        f"the last commit does not have {path} as the chunk found it, so its commit would hold more than "
        "its changes: commit these files yourself"
    )


# --- a commit that was made before a crash ----------------------------------------------


def _found(
    git: Git, head: str, wanted: Mapping[str, FileChange], message: Message, get_blob: GetBlob
) -> str | None:
    """Among the latest commits, the one with these trailers and exactly these changes."""
    trailers = (
        "%(trailers:key=Story,valueonly,separator=%x2C)%x00%(trailers:key=Chunk,valueonly,separator=%x2C)"
    )
    printed = git.text("rev-list", f"--max-count={LOOKED_BACK}", f"--format={trailers}", head)
    lines = printed.split("\n")
    ours = f"{message.story}\0{message.chunk}"
    after = {
        path: None if change.after is None else git.name_of(get_blob(change.after))
        for path, change in wanted.items()
    }
    commits = (line.removeprefix("commit ") for line, said in pairwise(lines) if said == ours)
    return next((oid for oid in commits if _changes(git, "--root", "--no-commit-id", oid) == after), None)


def _changes(git: Git, *trees: str) -> dict[str, str | None]:
    """The paths that differ, with what the second of two trees (or a commit) has there."""
    printed = git.run("diff-tree", "-r", "-z", "--no-renames", *trees) or b""
    parts = printed.split(b"\0")[:-1]
    facts = [part.decode().split() for part in parts[::2]]
    names = [os.fsdecode(part) for part in parts[1::2]]
    return {
        path: None if kind == "D" else new for path, (_, _, _, new, kind) in zip(names, facts, strict=True)
    }


def _tidy(git: Git, head: str | None, oid: str, wanted: Mapping[str, FileChange], scratch: Path) -> str:
    """A crash may also have kept git's index from being brought up to the commit."""
    if oid != head:
        return ""
    parent = git.run("rev-parse", "--quiet", "--verify", f"{oid}^", fails=(1,))
    old = git.in_tree(parent.decode().strip(), wanted) if parent else {}
    now = git.in_tree(oid, wanted)
    return _brought_up(git, scratch, old, {path: now.get(path) for path in wanted})


def _brought_up(
    git: Git, scratch: Path, old: Mapping[str, TreeEntry], new: Mapping[str, TreeEntry | None]
) -> str:
    try:
        bring_up_to(git, scratch, old, new)
    except GitFault as fault:
        return f"{fault}; if `git status` shows the files of this commit as staged: git reset -q -- FILES"
    return ""
