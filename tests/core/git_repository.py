"""A real git repository around the small story, seen with the engineer's own git."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.core.undone_run import workspace

CONFIG = 'commit: chunk\nchecks:\n  commands: [["true"]]\n'
WHO = "Ada Lovelace <ada@example.org>"


class Repository:
    """`home` is the engineer's: their git configuration is in it."""

    def __init__(self, folder: Path, *, committed: bool = True) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        self.environ = {"PATH": os.environ["PATH"], "HOME": str(self.home)}
        self.root = workspace(folder, CONFIG)
        shutil.rmtree(self.root / ".git")
        self.git("config", "--global", "user.name", "Ada Lovelace")
        self.git("config", "--global", "user.email", "ada@example.org")
        self.git("init", "-q", "-b", "main")
        (self.root / ".gitignore").write_text(".signoff/\nplans/\n")
        if committed:
            self.git("add", "-A")
            self.git("commit", "-q", "-m", "before")

    def git(self, *args: str, ok: bool = True, cwd: Path | None = None) -> str:
        done = subprocess.run(
            ("git", *args),
            cwd=cwd or self.root,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not ok or done.returncode == 0, done.stderr
        return done.stdout.rstrip("\n")

    def status(self) -> list[str]:
        return self.git("status", "--porcelain", "-uall").splitlines()

    def subjects(self) -> list[str]:
        return self.git("log", "--format=%s").splitlines()

    def names(self, commit: str) -> list[str]:
        """What a commit changes: `A path`, `M path`, `D path`."""
        listed = self.git("show", "--format=", "--name-status", "--no-renames", commit)
        return [line.replace("\t", " ") for line in listed.splitlines()]

    def content(self, place: str) -> bytes:
        done = subprocess.run(
            ("git", "show", place), cwd=self.root, env=self.environ, capture_output=True, check=True
        )
        return done.stdout
