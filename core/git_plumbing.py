"""Runs git in a workspace without running what the workspace has configured: no hook, no monitor, no filter,
no pager, no signing program (RELIABILITY, "git runs the repository's programs")."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from core.domain import value
from core.process import scrubbed_environ
from core.untrusted import visible

TIMEOUT_S = 60.0
CONFIG = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.untrackedCache=false",
    "core.splitIndex=false",
    "commit.gpgsign=false",
    "i18n.commitEncoding=UTF-8",
    "user.useConfigOnly=true",
)
# Who the engineer is, where their own environment says it.
IDENTITY = (
    *("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"),
    *("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"),
)
FIXED = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
# What lies in git's folder while the engineer is in the middle of something.
OPERATIONS = {
    "MERGE_HEAD": "a merge",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "BISECT_LOG": "a bisect",
}


class GitFault(Exception):
    """What git said, or why it was not run. One line."""

    def __init__(self, message: str) -> None:
        super().__init__(visible(" ".join(message.split()), keep_newlines=False))


@value
class TreeEntry:
    """A file in a tree or an index. `mode` as git writes it: `100644`, `100755`, `120000`, `160000`."""

    mode: str
    oid: str


class Git:
    """git in the work tree at `root`. Raises GitFault when git can't be had, or `root` is not one."""

    def __init__(self, root: Path, environ: Mapping[str, str]) -> None:
        program = shutil.which("git", path=environ.get("PATH"))
        if program is None:
            raise GitFault("git is not on PATH")
        self.root = root
        self._program = program
        who = {name: environ[name] for name in IDENTITY if name in environ}
        self._environ = {**scrubbed_environ(environ), **who, **FIXED}
        asked = ("--show-object-format", "--show-toplevel", "--absolute-git-dir")
        # The paths come last: they may hold anything, line ends too.
        self.hash, top, folder = self.text("rev-parse", *asked).split("\n", 2)
        if os.path.realpath(top) != os.path.realpath(root):
            raise GitFault(f"{root} is not the top of its work tree: git says {top}")
        self.folder = Path(folder)

    def run(
        self, *args: str, stdin: bytes = b"", index: Path | None = None, fails: tuple[int, ...] = ()
    ) -> bytes | None:
        """What it prints; None when it ends with one of `fails`. `index` is used in place of git's own."""
        config = (part for setting in CONFIG for part in ("-c", setting))
        argv = (self._program, "--no-pager", "--literal-pathspecs", *config, *args)
        env = self._environ if index is None else {**self._environ, "GIT_INDEX_FILE": str(index)}
        try:
            done = subprocess.run(
                argv,
                cwd=self.root,
                env=env,
                input=stdin,
                capture_output=True,
                timeout=TIMEOUT_S,
                check=False,
                # A Ctrl-C is for the run: it does not end git in the middle of something.
                start_new_session=True,
            )
        except subprocess.TimeoutExpired:
            raise GitFault(f"git {args[0]}: no end after {TIMEOUT_S:g} s") from None
        except (OSError, ValueError) as fault:
            raise GitFault(f"git {args[0]}: {fault}") from None
        if done.returncode in fails:
            return None
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip() or f"exit {done.returncode}"
            raise GitFault(f"git {args[0]}: {said}")
        return done.stdout

    def text(self, *args: str, stdin: bytes = b"", index: Path | None = None) -> str:
        printed = self.run(*args, stdin=stdin, index=index) or b""
        return printed.decode("utf-8", "surrogateescape").removesuffix("\n")

    def fresh_index(self, scratch: Path) -> None:
        """Makes way for an index of our own, also after a process that was killed while it wrote it."""
        scratch.unlink(missing_ok=True)
        scratch.with_name(f"{scratch.name}.lock").unlink(missing_ok=True)

    # --- what is there ------------------------------------------------------------------

    def identity(self) -> str:
        """`Name <email>`. GitFault when the engineer has not said who they are."""
        name, end, _ = self.text("var", "GIT_COMMITTER_IDENT").rpartition(">")
        self.run("var", "GIT_AUTHOR_IDENT")
        return name + end

    def operation(self) -> str | None:
        """What the engineer is in the middle of: `a merge`, `a rebase`, ..."""
        return next((what for name, what in OPERATIONS.items() if (self.folder / name).exists()), None)

    def head(self) -> str | None:
        """The commit that is checked out; None in a repository without commits."""
        found = self.run("rev-parse", "--quiet", "--verify", "HEAD^{commit}", fails=(1,))
        return None if found is None else found.decode().strip()

    def branch(self) -> str | None:
        """The branch that is checked out; None for a detached head."""
        found = self.run("symbolic-ref", "--quiet", "HEAD", fails=(1,))
        return None if found is None else os.fsdecode(found).strip().removeprefix("refs/heads/")

    def in_tree(self, commit: str, paths: Iterable[str]) -> dict[str, TreeEntry]:
        """What `commit` has at those paths, folders left out."""
        printed = self.run("ls-tree", "-z", "--full-tree", commit, "--", *paths) or b""
        rows = (row.split(b"\t", 1) for row in printed.split(b"\0") if row)
        found = ((os.fsdecode(path), *facts.decode().split()) for facts, path in rows)
        return {path: TreeEntry(mode=mode, oid=oid) for path, mode, kind, oid in found if kind != "tree"}

    def filtered(self, paths: Iterable[str]) -> dict[str, str]:
        """Those of the paths that a filter of the repository would change on their way in, with its name."""
        printed = self.run("check-attr", "-z", "--stdin", "filter", stdin=_joined(paths)) or b""
        parts = [os.fsdecode(part) for part in printed.split(b"\0")][:-1]
        rows = zip(parts[::3], parts[2::3], strict=True)
        return {path: name for path, name in rows if name not in ("unspecified", "unset")}

    # --- making things ------------------------------------------------------------------

    def name_of(self, content: bytes) -> str:
        """How git calls a content that it keeps as it is."""
        return hashlib.new(self.hash, b"blob %d\0" % len(content) + content).hexdigest()

    def store(self, content: bytes) -> str:
        """Keeps a content as it is, byte for byte; its name."""
        return self.text("hash-object", "-w", "--no-filters", "--stdin", stdin=content)

    def put_in_index(self, index: Path, entries: Mapping[str, TreeEntry | None]) -> None:
        """Makes these entries those of `index`; None takes one away."""
        gone = sorted(path for path, entry in entries.items() if entry is None)
        nothing = "0" * hashlib.new(self.hash).digest_size * 2
        rows = [f"0 {nothing}\t{path}" for path in gone]
        rows += [f"{e.mode} {e.oid}\t{path}" for path, e in sorted(entries.items()) if e is not None]
        self.run("update-index", "-z", "--index-info", stdin=_joined(rows), index=index)


def _joined(texts: Iterable[str]) -> bytes:
    return b"".join(os.fsencode(text) + b"\0" for text in texts)
