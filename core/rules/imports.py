"""Which modules a file imports, in TypeScript and Python."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.domain import value
from core.rules.base import ChangedFile
from core.rules.places import is_python, is_typescript, line_of
from core.rules.python_text import python_tree
from core.rules.typescript_text import read_typescript

# The lengths are bounded so that no text makes the search quadratic.
_FROM = re.compile(
    r"\b(?:import|export)\b((?:(?!\b(?:import|export)\b)[^'\"`;()=]){0,1500}?)\bfrom\s{0,99}['\"]([^'\"\n]{1,300})['\"]"
)
_BARE = re.compile(r"\bimport\s*['\"]([^'\"\n]{1,300})['\"]")
_CALL = re.compile(r"(?<![.\w])(?:require|import)\s*\(\s*['\"]([^'\"\n]{1,300})['\"]")


@value
class Import:
    """`names` are those taken from `module` (Python's `from`); `types_only` has no effect at run time."""

    module: str
    line: int
    last_line: int
    names: tuple[str, ...] = ()
    types_only: bool = False

    def comes_from(self, packages: frozenset[str]) -> bool:
        """Whether the import is of one of `packages` or from below one: `a/b` of `a`, `a.b` of `a`."""
        whole = (self.module, *(f"{self.module}.{name}" for name in self.names))
        return any(
            module == package or module.startswith((f"{package}/", f"{package}."))
            for module in whole
            for package in packages
        )

    def touches(self, added: frozenset[int]) -> int | None:
        """The first of its lines that the chunk added, if any."""
        return next((n for n in range(self.line, self.last_line + 1) if n in added), None)


def imports_of(file: ChangedFile) -> tuple[Import, ...]:
    if file.after is None:
        return ()
    if is_typescript(file.path):
        return tuple(_typescript(file.after))
    if is_python(file.path):
        return tuple(_python(file.after))
    return ()


def _typescript(text: str) -> Iterator[Import]:
    read = read_typescript(text)
    for pattern in (_FROM, _BARE, _CALL):
        for match in pattern.finditer(read.uncommented):
            # A match that begins inside a string is text about code.
            if read.code[match.start()] == " ":
                continue
            clause = match[1].strip() if pattern is _FROM else ""
            yield Import(
                module=match[pattern.groups],
                line=line_of(text, match.start()),
                last_line=line_of(text, match.end()),
                types_only=_names_only_types(clause),
            )


def _names_only_types(clause: str) -> bool:
    """`type X`, `type { X }`, `{ type X, type Y }`."""
    if clause.startswith("{"):
        names = [name.strip() for name in clause.strip("{} \n").split(",")]
        return any(names) and all(name.startswith("type ") for name in names if name)
    return clause.startswith(("type ", "type{")) and not clause.startswith("type ,")


def _python(text: str) -> Iterator[Import]:
    tree = python_tree(text)
    if tree is None:
        return
    for_types = _type_checking_lines(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules: list[tuple[str, tuple[str, ...]]] = [(alias.name, ()) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            modules = [(node.module, tuple(alias.name for alias in node.names))]
        else:
            continue
        for module, names in modules:
            yield Import(
                module=module,
                line=node.lineno,
                last_line=node.end_lineno or node.lineno,
                names=names,
                types_only=node.lineno in for_types,
            )


def _type_checking_lines(tree: ast.Module) -> frozenset[int]:
    return frozenset(
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in node.body
        for line in range(inner.lineno, (inner.end_lineno or inner.lineno) + 1)
    )
