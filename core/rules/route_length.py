"""Routes are thin: a handler has fewer than 50 lines (the seed). Per handler, not per file; blank lines and
comments do not count."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

from core.domain import Finding, RuleSeverity, value
from core.rules.base import ChangedFile, RuleContext
from core.rules.found import found
from core.rules.places import folders, is_python, is_test, is_typescript, line_of, lines
from core.rules.python_text import dotted, python_comments, python_tree
from core.rules.typescript_text import TypeScript, read_typescript

MOST_LINES = 49
_METHODS = "get|post|put|patch|delete|options|head|all|openapi"
_ROUTE = re.compile(rf"\.\s*({_METHODS})\s*(?:<[^()\n]{{0,200}}>)?\s*\(")
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_DECLARED = re.compile(
    r"\bfunction\s+([A-Za-z_$][\w$]*)\s*(?:<[^()]{0,200}>)?\s*\("
    r"|\b(?:const|let)\s+([A-Za-z_$][\w$]*)\b[^;{}()]{0,300}?=\s*(?:async\s*)?\("
)
_DEFAULT = re.compile(r"\bexport\s+default\s+(?:async\s+)?function\b[^({]{0,80}\(")
_ROUTERS = re.compile(r"(?:^|_)(?:app|api|router|routes|bp|blueprint)\d*$")
_PYTHON_METHODS = frozenset({*_METHODS.split("|"), "route", "api_route", "websocket"})
_REGISTRATIONS = frozenset({"add", "add_route", "add_api_route", "add_url_rule"})


@value
class Handler:
    """`key` names it in both versions of its file; lines count from 1, both ends included."""

    key: str
    first: int
    last: int
    length: int


class RouteTooLong:
    id = "route-too-long"
    severity: RuleSeverity = "block"
    title = "A route handler has fewer than 50 lines"

    def check(self, files: tuple[ChangedFile, ...], context: RuleContext) -> Iterator[Finding]:
        for file in files:
            if not _is_route(file.path) or file.after is None:
                continue
            before = _lengths(file.path, file.before or "")
            for handler in _handlers(file.path, file.after):
                grew = handler.length > before.get(handler.key, 0)
                touched = any(line in file.added for line in range(handler.first, handler.last + 1))
                if handler.length > MOST_LINES and grew and touched:
                    line = next(n for n in range(handler.first, handler.last + 1) if n in file.added)
                    message = f"{handler.key} has {handler.length} lines of code: move work into its service"
                    yield found(self, file.path, line, message)


def _is_route(path: str) -> bool:
    in_folder = {"routes", "routers"}.intersection(folders(path))
    named = PurePosixPath(path).stem.endswith((".routes", ".route"))
    return bool(in_folder or named) and not is_test(path)


def _lengths(path: str, text: str) -> dict[str, int]:
    return {handler.key: handler.length for handler in _handlers(path, text)}


def _handlers(path: str, text: str) -> Iterator[Handler]:
    if is_typescript(path):
        spans = _typescript_spans(text)
        blank = _without_code(read_typescript(text).uncommented)
    elif is_python(path):
        spans = _python_spans(text)
        blank = _python_blank(text)
    else:
        return
    seen: Counter[str] = Counter()
    for key, first, last in spans:
        seen[key] += 1
        length = sum(line not in blank for line in range(first, last + 1))
        yield Handler(
            key=key if seen[key] == 1 else f"{key} ({seen[key]})", first=first, last=last, length=length
        )


def _without_code(text: str) -> frozenset[int]:
    return frozenset(n for n, line in enumerate(lines(text), 1) if not line.strip())


# --- TypeScript -------------------------------------------------------------------------


def _typescript_spans(text: str) -> Iterator[tuple[str, int, int]]:
    read = read_typescript(text)
    declared = _declared(read)
    over = 0
    for match in _ROUTE.finditer(read.code):
        if match.start() < over:
            continue  # inside a handler: `c.get("user")`
        over = read.closing(match.end() - 1)
        parts = list(read.arguments(match.end() - 1))
        where = text[slice(*parts[0])].strip("'\"`")[:60] if parts else ""
        for start, end in parts:
            span = _function_span(read.code[start:end], start, declared)
            if span:
                yield f"{match[1].upper()} {where}".strip(), line_of(text, span[0]), line_of(text, span[1])
    for match in _DEFAULT.finditer(read.code):
        end = _body_end(read, match.end() - 1)
        yield "export default", line_of(text, match.start()), line_of(text, end)


def _function_span(argument: str, start: int, declared: dict[str, tuple[int, int]]) -> tuple[int, int] | None:
    """The function that an argument is, wraps, or names."""
    if _NAME.fullmatch(argument):
        return declared.get(argument)
    is_function = "=>" in argument or re.search(r"\bfunction\b", argument)
    return (start, start + len(argument) - 1) if is_function and argument[0] not in "{[" else None


def _declared(read: TypeScript) -> dict[str, tuple[int, int]]:
    return {
        match[1] or match[2]: (match.start(), _body_end(read, match.end() - 1))
        for match in _DECLARED.finditer(read.code)
    }


def _body_end(read: TypeScript, parenthesis: int) -> int:
    """The end of the function whose parameters open at `parenthesis`: of its block, or of its line."""
    after = read.closing(parenthesis)
    last = len(read.code) - 1
    line_end = read.code.find("\n", after)
    arrow = read.code.find("=>", after, line_end if line_end >= 0 else None)
    brace = read.code.find("{", max(after, arrow), line_end if line_end >= 0 else None)
    return min(read.closing(brace), last) if brace >= 0 else min(line_end, last) if line_end >= 0 else last


# --- Python -----------------------------------------------------------------------------


def _python_spans(text: str) -> Iterator[tuple[str, int, int]]:
    tree = python_tree(text)
    if tree is None:
        return
    registered = {
        argument.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _REGISTRATIONS
        and _ROUTERS.search(dotted(node.func.value).casefold())
        for argument in (*node.args, *(keyword.value for keyword in node.keywords))
        if isinstance(argument, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (
            node.name in registered or any(map(_is_route_decorator, node.decorator_list))
        ):
            yield node.name, node.lineno, node.end_lineno or node.lineno


def _is_route_decorator(decorator: ast.expr) -> bool:
    if not (isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute)):
        return False
    owner = dotted(decorator.func.value).rsplit(".", 1)[-1]
    return decorator.func.attr in _PYTHON_METHODS and _ROUTERS.search(owner.casefold()) is not None


def _python_blank(text: str) -> frozenset[int]:
    """Lines that are empty, only a comment, or a docstring's."""
    written = lines(text)
    comments = {n for n, comment in python_comments(text) if written[n - 1].strip() == comment.strip()}
    docstrings: set[int] = set()
    for node in ast.walk(python_tree(text) or ast.Module(body=[], type_ignores=[])):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node) is not None:
            docstrings.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return _without_code(text) | comments | docstrings
