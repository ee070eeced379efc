"""Which modules a file imports, in TypeScript and Python."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.domain import value
from core.rules.base import ChangedFile
from core.rules.places import is_python, is_typescript
from core.rules.python_text import dotted, python_nodes
from core.rules.typescript_tree import arguments, first_line, has_keyword, last_line, nodes, source, string_in

if TYPE_CHECKING:
    from tree_sitter import Node


@value
class Import:
    """`names` are those taken from `module`, as they are called there; a relative module of Python keeps its
    dots. `types_only` has no effect at run time."""

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


def imports_of(file: ChangedFile) -> Iterator[Import]:
    if file.after is None:
        return
    if is_typescript(file.path):
        yield from _typescript(file.path, file.after)
    elif is_python(file.path):
        yield from _python(file.after)


def _typescript(path: str, text: str) -> Iterator[Import]:
    for node in (*nodes(path, text, "import"), *nodes(path, text, "export")):
        module = string_in(_source_of(node))
        if module is not None:
            specifiers = list(_specifiers(node))
            yield Import(
                module=module,
                line=first_line(node),
                last_line=last_line(node),
                names=tuple(source(each.child_by_field_name("name")) for each in specifiers),
                types_only=has_keyword(node, "type") or _are_only_types(node, specifiers),
            )
    for call in nodes(path, text, "call"):
        function = call.child_by_field_name("function")
        if function is not None and _loads(function):
            module = string_in(next(iter(arguments(call)), None))
            if module is not None:
                yield Import(module=module, line=first_line(call), last_line=last_line(call))


def _loads(function: Node) -> bool:
    return function.type == "import" or (function.type == "identifier" and source(function) == "require")


def _source_of(node: Node) -> Node | None:
    """The string with the module; `import x = require("m")` has it one level down."""
    direct = node.child_by_field_name("source")
    required = (child for child in node.named_children if child.type == "import_require_clause")
    return direct or next((each.child_by_field_name("source") for each in required), None)


def _specifiers(node: Node) -> Iterator[Node]:
    """The parts of `{ a, b as c }` of an import or of an export."""
    clauses = [child for child in node.named_children if child.type in ("import_clause", "export_clause")]
    for clause in clauses:
        named = [child for child in clause.named_children if child.type == "named_imports"]
        for group in named or [clause]:
            yield from (
                part for part in group.named_children if part.type in ("import_specifier", "export_specifier")
            )


def _are_only_types(node: Node, specifiers: list[Node]) -> bool:
    """`import { type X, type Y }`: every name is a type, and there is no default or `*` beside them."""
    clause = next((child for child in node.named_children if child.type == "import_clause"), None)
    alone = clause is not None and clause.named_child_count == 1
    return alone and bool(specifiers) and all(has_keyword(each, "type") for each in specifiers)


def _python(text: str) -> Iterator[Import]:
    found = python_nodes(text)
    for_types = _type_checking_lines(found)
    for node in found:
        if isinstance(node, ast.Import):
            modules: list[tuple[str, tuple[str, ...]]] = [(alias.name, ()) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            modules = [(module, tuple(alias.name for alias in node.names))]
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


def _type_checking_lines(found: tuple[ast.AST, ...]) -> frozenset[int]:
    return frozenset(
        line
        for node in found
        if isinstance(node, ast.If) and dotted(node.test).rsplit(".", 1)[-1] == "TYPE_CHECKING"
        for inner in node.body
        for line in range(inner.lineno, (inner.end_lineno or inner.lineno) + 1)
    )
