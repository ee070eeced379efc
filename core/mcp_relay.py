"""Between a tool server and the run: passes lines on, and holds back what would flood it.

Run as a program of its own: `python mcp_relay.py STDERR_FILE PROGRAM ARGUMENT...`. A line of the server's
that is longer than LONGEST_LINE is dropped, its stderr goes to a file of at most MOST_STDERR bytes, and a
server that has sent more than MOST_OUTPUT in all is ended. Only the standard library: it starts before every
server.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import IO

LONGEST_LINE = 8 * 1024 * 1024
MOST_OUTPUT = 512 * 1024 * 1024
MOST_STDERR = 1024 * 1024
GRACE_S = 2.0
BLOCK = 65_536


def main(argv: list[str]) -> int:
    stderr_file, *command = argv
    try:
        server = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
        )
    except OSError as fault:
        print(f"{command[0]}: {fault.strerror}", file=sys.stderr)
        return 127
    assert server.stdin and server.stdout and server.stderr
    threading.Thread(target=_forward_input, args=(server,), daemon=True).start()
    errors = threading.Thread(target=_keep_errors, args=(server.stderr, stderr_file), daemon=True)
    errors.start()
    _forward_output(server.stdout, server)
    errors.join(GRACE_S)
    return server.wait()


def _forward_input(server: subprocess.Popen[bytes]) -> None:
    """Ends the server when nobody is there to talk to it any more."""
    assert server.stdin
    try:
        while block := os.read(0, BLOCK):
            server.stdin.write(block)
        server.stdin.close()
    except OSError:
        pass
    _end(server)


def _forward_output(output: IO[bytes], server: subprocess.Popen[bytes]) -> None:
    line, too_long, left = bytearray(), False, MOST_OUTPUT
    while (block := output.read(BLOCK)) and left > 0:
        left -= len(block)
        *whole, rest = block.split(b"\n")
        for part in whole:
            line += part
            if not too_long and not _pass_on(bytes(line) + b"\n"):
                return
            line, too_long = bytearray(), False
        line += rest
        if len(line) > LONGEST_LINE:
            line, too_long = bytearray(), True
    _end(server)


def _pass_on(line: bytes) -> bool:
    """Whether somebody still reads."""
    try:
        left = memoryview(line)
        while left:
            left = left[os.write(1, left) :]
    except OSError:
        return False
    return True


def _keep_errors(errors: IO[bytes], path: str) -> None:
    left = MOST_STDERR
    with open(path, "ab", buffering=0) as file:
        while block := errors.read(BLOCK):
            if left > 0:
                file.write(block[:left])
                left -= len(block)


def _end(server: subprocess.Popen[bytes]) -> None:
    for number in (None, signal.SIGTERM, signal.SIGKILL):
        if number is not None:
            server.send_signal(number)
        try:
            server.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            continue
        return


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
