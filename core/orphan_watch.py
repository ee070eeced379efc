"""Ends a program that outlives Signoff: a small shell waits for our end of a pipe to close.

`kill -9`, the memory killer and a crash leave no time to end the children, and a dying parent's signal
(PR_SET_PDEATHSIG) reaches one child, not those that it started. The kernel closes the pipe whatever
happens; then the shell ends the group and, on Linux, whatever carries the run's marker.
"""

from __future__ import annotations

import contextlib
import subprocess

SHELL = "/bin/sh"
DONE_S = 1.0
# Reads the group's id, then one more line; without that line nobody is left to end the group.
SCRIPT = """
read -r group
read -r done && exit 0
end() {
    [ -z "$group" ] || kill "-$1" -- "-$group"
    for environ in /proc/[0-9]*/environ; do
        grep -qsF "$MARK" "$environ" || continue
        pid=${environ#/proc/}
        kill "-$1" "${pid%/environ}"
    done
}
MARK=$1
end TERM
sleep 2
end KILL
"""


class OrphanWatch:
    """Watches over what one program starts. Where there is no shell, nobody watches."""

    def __init__(self, marker: str) -> None:
        """`marker` is the `NAME=value` that the program's environment has, and its children's."""
        self._shell: subprocess.Popen[bytes] | None = None
        with contextlib.suppress(OSError):
            self._shell = subprocess.Popen(
                [SHELL, "-c", SCRIPT, "signoff-watch", marker],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"PATH": "/usr/bin:/bin"},
                cwd="/",
                start_new_session=True,
            )

    def started(self, group: int) -> None:
        self._tell(f"{group}\n")

    def done(self) -> None:
        """The program and all that it started have ended."""
        self._tell("\n\n")
        if self._shell is None:
            return
        with contextlib.suppress(OSError):
            if self._shell.stdin is not None:
                self._shell.stdin.close()
        try:
            self._shell.wait(DONE_S)
        except subprocess.TimeoutExpired:
            self._shell.kill()
            self._shell.wait()

    def _tell(self, text: str) -> None:
        if self._shell is None or self._shell.stdin is None:
            return
        with contextlib.suppress(OSError):
            self._shell.stdin.write(text.encode())
            self._shell.stdin.flush()
