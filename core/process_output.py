"""A program's output while it runs: decoded, cleaned of terminal escapes, bounded, passed on."""

from __future__ import annotations

import asyncio
import codecs
import os
import re
from collections.abc import Callable

ESCAPE_LIMIT = 4096  # an unfinished escape sequence longer than this is no escape sequence
READ_BYTES = 65_536

ESCAPE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]"  # control sequences: colours, cursor
    r"|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # strings: titles, clipboard, links
    r"|[ -/]*[0-OQ-WYZ\\`-~])"  # the short ones
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
UNFINISHED = re.compile(r"(?:\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)|\x9b[0-?]*[ -/]*|\r)\Z")
LINE_ENDS = re.compile(r"\r\n?")
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class OutputCleaner:
    """Bytes of a terminal program to plain text, piece by piece.

    UTF-8, what is not becomes U+FFFD. Escape sequences and control characters go, `\\r` and `\\r\\n` are
    line ends. However the bytes are cut into pieces, the text is the same.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""

    def feed(self, data: bytes, *, last: bool = False) -> str:
        text = self._held + self._decoder.decode(data, final=last)
        self._held = ""
        unfinished = None if last else UNFINISHED.search(text)
        if unfinished and len(unfinished[0]) <= ESCAPE_LIMIT:
            self._held = unfinished[0]
            text = text[: unfinished.start()]
        return CONTROLS.sub("", LINE_ENDS.sub("\n", ESCAPE.sub("", text)))


class ProcessOutput:
    """Reads one end of a pipe in the event loop, until every writer has closed the other.

    Of more than `limit` characters it keeps the first and the last half: checkers say what is wrong
    first, and why they died last. `failure` gets the exception that `on_output` raised.
    """

    def __init__(self, source: int, on_output: Callable[[str], None] | None, limit: int) -> None:
        self.truncated = False
        self._source = source
        self._on_output = on_output
        self._half = max(1, limit // 2)
        self._head = ""
        self._tail = ""
        self._passed = 0
        self._cleaner = OutputCleaner()
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self.failure: asyncio.Future[None] = self._loop.create_future()
        os.set_blocking(source, False)
        self._loop.add_reader(source, self._readable)

    async def drained(self, seconds: float) -> bool:
        """Whether the last writer closed the pipe within `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._ended.wait()
        except TimeoutError:
            return False
        return True

    def text(self) -> str:
        return f"{self._head}\n[...]\n{self._tail}" if self.truncated else self._head + self._tail

    def close(self) -> None:
        """Stops reading; what is held back of an unfinished escape sequence is taken as it is."""
        self._loop.remove_reader(self._source)
        os.close(self._source)
        self._take(self._cleaner.feed(b"", last=True))

    def _readable(self) -> None:
        try:
            data = os.read(self._source, READ_BYTES)
        except BlockingIOError:
            return
        if data:
            self._take(self._cleaner.feed(data))
        else:
            self._loop.remove_reader(self._source)
            self._ended.set()

    def _take(self, text: str) -> None:
        self._pass_on(text)
        room = self._half - len(self._head)
        self._head += text[:room]
        self._tail += text[room:]
        if len(self._tail) > self._half:
            self.truncated = True
            self._tail = self._tail[-self._half :]

    def _pass_on(self, text: str) -> None:
        piece = text[: 2 * self._half - self._passed]
        if self._on_output is None or not piece or self.failure.done():
            return
        self._passed += len(piece)
        try:
            self._on_output(piece)
        except Exception as error:
            self.failure.set_exception(error)
