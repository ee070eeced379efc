"""Syntax colours of a whole file, a line at a time. Pure; slow enough to be done off the event loop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

# (start, end, style) of characters of one line, in order, apart from each other.
Painted: TypeAlias = tuple[tuple[int, int, str], ...]

LARGEST = 300_000
# The lexers' patterns were written for lines that people write.
LONGEST_LINE = 3_000
# Only what looks like this is lexed: the general search by file name reads every installed package.
LEXERS = {
    ".py": "python", ".pyi": "python", ".ts": "typescript", ".mts": "typescript", ".cts": "typescript",
    ".tsx": "tsx", ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".jsx": "jsx",
    ".json": "json", ".sql": "sql", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml", ".ini": "ini",
    ".cfg": "ini", ".md": "markdown", ".sh": "bash", ".bash": "bash", ".html": "html", ".css": "css",
    ".scss": "scss", ".go": "go", ".rs": "rust", ".java": "java", ".kt": "kotlin", ".rb": "ruby",
    ".php": "php", ".c": "c", ".h": "c", ".cpp": "cpp", ".cs": "csharp", ".swift": "swift",
    ".graphql": "graphql", ".proto": "protobuf", ".http": "http", ".xml": "xml", ".vue": "html",
    "dockerfile": "docker", "makefile": "make",
}  # fmt: skip
STYLES = {
    "Comment": "$text-muted italic",
    "Keyword": "$text-secondary",
    "Operator.Word": "$text-secondary",
    "Literal.String": "$text-accent",
    "Literal.Number": "$text-warning",
    "Name.Function": "$text-primary",
    "Name.Class": "$text-primary bold",
    "Name.Decorator": "$text-primary italic",
    "Name.Builtin": "$text-primary",
    "Name.Tag": "$text-primary",
    "Name.Attribute": "$text-primary",
}


@dataclass(frozen=True, slots=True)
class FileColours:
    """The lines of a file before and after, from the first one on; empty for a side without colours."""

    old: tuple[Painted, ...] = ()
    new: tuple[Painted, ...] = ()

    def of(self, side: str, number: int) -> Painted:
        """`number` counts from 1."""
        lines = self.old if side == "old" else self.new
        return lines[number - 1] if number <= len(lines) else ()


def file_colours(path: str, before: bytes | None, after: bytes | None) -> FileColours:
    """Nothing for a kind of file that is not known, and for a side that is too large."""
    alias = LEXERS.get(PurePosixPath(path).suffix.lower()) or LEXERS.get(PurePosixPath(path).name.lower())
    if alias is None:
        return FileColours()
    from pygments.lexers import get_lexer_by_name

    lexer = get_lexer_by_name(alias, stripnl=False, ensurenl=False)
    return FileColours(old=_lines(lexer, before), new=_lines(lexer, after))


def _lines(lexer: Lexer, data: bytes | None) -> tuple[Painted, ...]:
    """`data` decoded as the diff does it, so that the places are those of its lines."""
    if not data or len(data) > LARGEST or max(map(len, data.split(b"\n"))) > LONGEST_LINE:
        return ()
    text = data.decode("utf-8", errors="backslashreplace")
    tokens = ((kind, token) for _, kind, token in lexer.get_tokens_unprocessed(text))
    return tuple(_by_line(tokens))


def _by_line(tokens: Iterator[tuple[_TokenType, str]]) -> Iterator[Painted]:
    line: list[tuple[int, int, str]] = []
    at = 0
    styles: dict[_TokenType, str] = {}
    for kind, token in tokens:
        style = styles.get(kind)
        if style is None:
            style = styles[kind] = _style(kind)
        first, *rest = token.split("\n")
        _add(line, at, first, style)
        at += len(first)
        for part in rest:
            yield tuple(line)
            line, at = [], len(part)
            _add(line, 0, part, style)
    yield tuple(line)


def _add(line: list[tuple[int, int, str]], at: int, text: str, style: str) -> None:
    if style and text:
        line.append((at, at + len(text), style))


def _style(kind: Sequence[str]) -> str:
    """That of the nearest kind above `kind`: `Name.Function.Magic` looks like `Name.Function`."""
    names = list(kind)
    while names:
        if style := STYLES.get(".".join(names)):
            return style
        names.pop()
    return ""
