"""Python as the rules look at it: its syntax tree and its comments. A file that does not parse has neither
(the type check says so)."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from collections.abc import Iterator
from functools import lru_cache


@lru_cache(maxsize=64)
def python_tree(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            # The file's own style is not what is asked here.
            warnings.simplefilter("ignore")
            # Python ends a line at a lone CR too; the numbers must be those of the diff.
            return ast.parse(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", " "))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def python_comments(text: str) -> Iterator[tuple[int, str]]:
    """(line, comment) as far as the text can be read."""
    try:
        for token in tokenize.generate_tokens(
            io.StringIO(text.removeprefix("\ufeff"), newline="\n").readline
        ):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
    except (tokenize.TokenError, SyntaxError):
        return


def dotted(node: ast.expr) -> str:
    """`a.b.c` of an attribute chain on a name; "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        below = dotted(node.value)
        return f"{below}.{node.attr}" if below else ""
    return ""
