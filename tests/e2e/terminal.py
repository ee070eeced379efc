"""The real program in a real terminal: a pty, with a terminal emulator reading what it draws."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import pexpect
import pyte


class Terminal:
    """A program on a pty of `columns` x `rows`. `text` is what a person would see."""

    def __init__(
        self, argv: list[str], cwd: Path, environ: Mapping[str, str], columns: int, rows: int
    ) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""
        self._drawn = 0
        own = {**environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        # COLUMNS, which parallel test runs set, would be believed instead of the terminal.
        for name in ("NO_COLOR", "COLUMNS", "LINES"):
            own.pop(name, None)
        self.child: pexpect.spawn[bytes] = pexpect.spawn(
            argv[0], argv[1:], cwd=str(cwd), env=own, dimensions=(rows, columns), timeout=30
        )
        # Keys are sent at once: a tester's pause before each would make them late.
        self.child.delaybeforesend = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.child.close(force=True)

    @property
    def text(self) -> str:
        self._read()
        self._stream.feed(self.raw[self._drawn :])
        self._drawn = len(self.raw)
        return "\n".join(self._screen.display)

    def press(self, keys: str) -> None:
        self.child.send(keys)

    def wait_until_written(self, text: str, timeout_s: float = 60) -> None:
        """As soon as `text` comes, without drawing the screen first: that takes longer than a keystroke."""
        deadline = time.monotonic() + timeout_s
        while text.encode() not in self.raw:
            assert time.monotonic() < deadline and self.child.isalive(), f"{text!r} never came:\n{self.text}"
            time.sleep(0.005)
            self._read()

    def wait_for(self, *texts: str, timeout_s: float = 60) -> str:
        """The first of `texts` that is on the screen."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            shown = self.text
            found = next((text for text in texts if text in shown), None)
            if found is not None:
                return found
            if not self.child.isalive():
                break
            time.sleep(0.05)
        raise AssertionError(f"none of {texts} came up in {timeout_s} s; the screen:\n{self.text}")

    def wait_until_gone(self, text: str, timeout_s: float = 20) -> None:
        deadline = time.monotonic() + timeout_s
        while text in self.text:
            assert time.monotonic() < deadline, f"{text!r} stays on the screen:\n{self.text}"
            time.sleep(0.05)

    def exit_code(self, timeout_s: float = 20) -> int | None:
        deadline = time.monotonic() + timeout_s
        while self.child.isalive() and time.monotonic() < deadline:
            self._read()
            time.sleep(0.02)
        self._read()
        self.child.close()
        status: int | None = self.child.exitstatus
        return status

    def _read(self) -> None:
        while True:
            try:
                data = self.child.read_nonblocking(65_536, timeout=0)
            except (pexpect.TIMEOUT, pexpect.EOF):
                return
            self.raw += data
