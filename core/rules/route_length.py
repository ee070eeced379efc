"""Routes are thin: a handler has fewer than 50 lines (the seed). Per handler, not per file; blank lines and
comments do not count."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate

from core.domain import Finding, RuleSeverity, value
from core.rules.base import ChangedFile, RuleContext
from core.rules.found import found
from core.rules.places import is_typescript, lines
from core.rules.python_text import python_blank_lines
from core.rules.routes import routes_of
from core.rules.typescript_tree import uncommented

MOST_LINES = 49


@value
class _Measured:
    """A handler; `key` names it in both versions of its file, `length` is in lines of code."""

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
            too_long = [m for m in _measured(file.path, file.after or "") if m.length > MOST_LINES]
            if not too_long:
                continue
            before = {m.key: m.length for m in _measured(file.path, file.before or "")}
            added = sorted(file.added)
            for handler in too_long:
                at = bisect_left(added, handler.first)
                is_touched = at < len(added) and added[at] <= handler.last
                if is_touched and handler.length > before.get(handler.key, 0):
                    message = f"{handler.key} has {handler.length} lines of code: move work into its service"
                    yield found(self, file.path, added[at], message)


def _measured(path: str, text: str) -> Iterator[_Measured]:
    routes = routes_of(path, text)
    code_above = _lines_of_code(path, text) if routes else []
    seen: Counter[str] = Counter()
    spans: set[tuple[int, int]] = set()
    for route in routes:
        for handler in route.handlers:
            span = (handler.first, handler.last)
            if span in spans:
                continue  # one function for two routes is one handler
            spans.add(span)
            seen[route.key] += 1
            key = route.key if seen[route.key] == 1 else f"{route.key} ({seen[route.key]})"
            length = code_above[handler.last] - code_above[handler.first - 1]
            yield _Measured(key=key, first=handler.first, last=handler.last, length=length)


def _lines_of_code(path: str, text: str) -> list[int]:
    """For each line, how many lines of code there are up to and with it."""
    if is_typescript(path):
        has_code = [bool(line.strip()) for line in lines(uncommented(path, text))]
    else:
        blank = python_blank_lines(text)
        has_code = [n not in blank for n in range(1, len(lines(text)) + 1)]
    return list(accumulate(has_code, initial=0))
