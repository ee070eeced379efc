"""No TODO as a substitute for a requirement (the seed): work put off in code that the chunk added."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.domain import Finding, RuleSeverity
from core.rules.base import ChangedFile, RuleContext
from core.rules.found import found
from core.rules.places import is_python, is_test, is_typescript, line_of, lines
from core.rules.python_text import dotted, python_comments, python_tree
from core.rules.typescript_text import read_typescript

# A mark opens a comment or has a colon or an owner: `TODO, DOING, DONE` names a status, `XXX-XX` a format.
_MARK = re.compile(r"^[\s/*#-]*(TODO|FIXME|XXX)\b(?!\s*(?:[,|/=>'\"`]|->|-\w))|\b(TODO|FIXME|XXX)\s*[:(]")
_STUB = re.compile(
    r"(?i)\b(?:(?:just|only|is|as) a stub|temporary stub|stub (?:for now|until|implementation)|stubbed out)\b"
    r"|^[\s/*#-]*stub\s*(?:[:.—]|$)"
)
_THROW = re.compile(r"(?i)\bthrow new \w*Error\(\s*['\"`]\s*(?:not (?:yet )?implemented|todo)\b")


class Todo:
    id = "todo"
    severity: RuleSeverity = "warn"
    title = "No TODO or stub as a substitute for a requirement"

    def check(self, files: tuple[ChangedFile, ...], context: RuleContext) -> Iterator[Finding]:
        moved = {line.strip() for file in files if file.before for line in lines(file.before)}
        for file in files:
            if file.after is None:
                continue
            written = lines(file.after)
            for line, what in sorted(set(_put_off(file.path, file.after))):
                if line in file.added and written[line - 1].strip() not in moved:
                    yield found(
                        self, file.path, line, f"{what}: do it in this chunk, or settle that it waits"
                    )


def _put_off(path: str, text: str) -> Iterator[tuple[int, str]]:
    for line, comment in _comments(path, text):
        mark = _MARK.search(comment)
        if mark:
            yield line, mark[1] or mark[2]
        elif not is_test(path) and _STUB.search(comment):
            yield line, "a stub"
    if is_typescript(path):
        read = read_typescript(text)
        for match in _THROW.finditer(read.uncommented):
            if read.code[match.start()] != " ":
                yield line_of(text, match.start()), "not implemented"
    if is_python(path):
        yield from ((line, "raise NotImplementedError") for line in _unimplemented(text))


def _comments(path: str, text: str) -> Iterator[tuple[int, str]]:
    if is_typescript(path):
        for n, line in enumerate(lines(read_typescript(text).comments), 1):
            if line.strip():
                yield n, line.strip()
    elif is_python(path):
        yield from python_comments(text)
    elif path.endswith(".sql"):
        for n, line in enumerate(lines(text), 1):
            if line.lstrip().startswith("--"):
                yield n, line.strip()


def _unimplemented(text: str) -> Iterator[int]:
    """Lines that raise NotImplementedError where no subclass is meant to fill it in."""
    tree = python_tree(text)
    nodes = list(ast.walk(tree)) if tree else []
    abstract = {id(inner) for node in nodes if _is_abstract(node) for inner in ast.walk(node)}
    for node in nodes:
        if isinstance(node, ast.Raise) and node.exc is not None and id(node) not in abstract:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if dotted(raised) == "NotImplementedError":
                yield node.lineno


def _is_abstract(node: ast.AST) -> bool:
    if isinstance(node, ast.ClassDef):
        bases = {dotted(base.value if isinstance(base, ast.Subscript) else base) for base in node.bases}
        bases |= {dotted(keyword.value) for keyword in node.keywords}
        plain = {base.rsplit(".", 1)[-1] for base in bases}
        return bool(plain & {"ABC", "ABCMeta", "Protocol"}) or node.name.startswith(("Base", "Abstract"))
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return any(dotted(d).rsplit(".", 1)[-1] == "abstractmethod" for d in node.decorator_list)
    return False
