"""A page of facts for a terminal: titles, labelled texts, lists. In a pipe it is plain text, unwrapped.

Every text goes through `visible`: nothing of a file acts on the terminal. Emphasis only where there is a
terminal and NO_COLOR is not set.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping
from typing import Literal, TextIO, TypeAlias

from core.domain import value
from core.visible import visible

RowKind: TypeAlias = Literal["title", "heading", "field", "text", "warning"]

STYLES: dict[RowKind, str] = {"title": "1", "heading": "1", "field": "2", "text": "", "warning": "33"}
LABEL_WIDTH = 11
NARROWEST = 20


@value
class _Row:
    kind: RowKind
    label: str
    text: str


class Page:
    def __init__(self) -> None:
        self._rows: list[_Row | None] = []

    def title(self, text: str) -> None:
        self._add("title", "", text)

    def heading(self, text: str) -> None:
        """With a blank line above it."""
        self._rows.append(None)
        self._add("heading", "", text)

    def field(self, label: str, text: str | None) -> None:
        """`Label      text`, its further lines beneath the first; nothing where there is no text."""
        if text:
            self._add("field", label, text)

    def items(self, label: str, texts: Iterable[str]) -> None:
        """One a line, the label only before the first."""
        self.field(label, "\n".join(texts))

    def text(self, text: str) -> None:
        self._add("text", "", text)

    def warnings(self, texts: Iterable[str]) -> None:
        for place, text in enumerate(texts):
            if place == 0:
                self.heading("Warnings")
            self._add("warning", "", text)

    def _add(self, kind: RowKind, label: str, text: str) -> None:
        self._rows.append(_Row(kind=kind, label=visible(label, keep_newlines=False), text=visible(text)))

    def shown(self, *, width: int | None, styled: bool) -> str:
        """The page as text; `width` None: lines are as long as they are."""
        lines: list[str] = []
        for row in self._rows:
            lines += [""] if row is None else _lines(row, width, styled)
        return "".join(f"{line.rstrip()}\n" for line in lines)


def _lines(row: _Row, width: int | None, styled: bool) -> list[str]:
    lead = "" if row.kind in ("title", "heading") else "  "
    label = f"{row.label:<{LABEL_WIDTH}} " if row.kind == "field" else ""
    if len(row.label) > LABEL_WIDTH:
        return [f"{lead}{_styled(row.label, STYLES['field'], styled)}", *_beneath(row, lead, width)]
    first, *rest = _wrapped(row.text, width, len(lead) + len(label))
    style = STYLES[row.kind]
    if row.kind == "field":
        return [
            lead + _styled(label, style, styled) + first,
            *(" " * (len(lead) + len(label)) + r for r in rest),
        ]
    return [lead + _styled(line, style, styled) for line in (first, *rest)]


def _beneath(row: _Row, lead: str, width: int | None) -> list[str]:
    pad = lead + " " * (LABEL_WIDTH + 1)
    return [pad + line for line in _wrapped(row.text, width, len(pad))]


def _wrapped(text: str, width: int | None, taken: int) -> list[str]:
    """The lines of a text in the room that is left, each going on beneath its own beginning."""
    lines = [line.rstrip() for line in text.split("\n")]
    if width is None:
        return lines
    room = max(width - taken, NARROWEST)
    wrapped: list[str] = []
    for line in lines:
        indent = " " * min(len(line) - len(line.lstrip(" -")), room // 2)
        wrapped += textwrap.wrap(
            line, room, subsequent_indent=indent, break_on_hyphens=False, drop_whitespace=True
        ) or [""]
    return wrapped


def _styled(text: str, style: str, styled: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if styled and style and text.strip() else text


def print_page(page: Page, out: TextIO | None = None, environ: Mapping[str, str] = os.environ) -> None:
    stream = sys.stdout if out is None else out
    terminal = stream.isatty()
    styled = terminal and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
    width = shutil.get_terminal_size().columns if terminal else None
    stream.write(page.shown(width=width, styled=styled))
