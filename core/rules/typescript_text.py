"""TypeScript told apart into code, strings and comments, without a parser.

A scan, not a grammar: it knows quotes, templates with nested `${}`, both comments and regular expressions
(by what stands before the slash), which is what the rules need to read code and not prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from core.domain import value

_OPEN = {"(": ")", "[": "]", "{": "}"}
_BRACKET = re.compile(r"[()\[\]{}]")
_TOKEN = re.compile(r"//|/\*|/|['\"`{}]")
_STRING_END = {quote: re.compile(rf"[^\\{quote}\n]*(?:\\[\s\S][^\\{quote}\n]*)*{quote}?") for quote in "'\""}
_TEMPLATE_STOP = re.compile(r"\\[\s\S]|\$\{|`")
# Bounded, so that a line without an end makes no search quadratic.
_REGEX = re.compile(r"/(?![*/])(?:[^\\/\[\n]|\\.|\[(?:[^\]\\\n]|\\.){0,200}\]){1,1000}/[a-z]*")
_BEFORE_REGEX = re.compile(
    r"(?:^|[(,=:\[!&|?{};+*%~^<>\n-]|\b(?:return|typeof|case|in|of|do|else|void|await|yield))\s*$"
)
_BEFORE_LENGTH = 24


@value
class TypeScript:
    """A file in three views of the same length and lines; what a view leaves out is blank in it.

    `code` has neither comments nor what is inside strings; `uncommented` has strings; `comments` has
    nothing but comments. `closings` has the place of the bracket that closes the one at a place.
    """

    code: str
    uncommented: str
    comments: str
    closings: Mapping[int, int]

    def closing(self, place: int) -> int:
        """Where the bracket at `place` is closed; the end of the text where it is not."""
        return self.closings.get(place, len(self.code))

    def arguments(self, place: int) -> Iterator[tuple[int, int]]:
        """(start, end) of each argument of the call whose `(` is at `place`, blanks trimmed."""
        end = self.closing(place)
        start = at = place + 1
        while at < end:
            if self.code[at] in _OPEN:
                at = self.closing(at)
            elif self.code[at] == ",":
                yield self._trimmed(start, at)
                start = at + 1
            at += 1
        if self.code[start:end].strip():
            yield self._trimmed(start, end)

    def _trimmed(self, start: int, end: int) -> tuple[int, int]:
        text = self.code[start:end]
        return start + len(text) - len(text.lstrip()), start + len(text.rstrip())


@lru_cache(maxsize=16)
def read_typescript(text: str) -> TypeScript:
    spans = list(_spans(text))
    code = _blanked(text, spans)
    return TypeScript(
        code=code,
        closings=_closings(code),
        uncommented=_blanked(text, [span for span in spans if span[2] == "comment"]),
        comments=_blanked(text, _others(spans, len(text))),
    )


def _closings(code: str) -> dict[int, int]:
    found: dict[int, int] = {}
    waiting: list[tuple[int, str]] = []
    for match in _BRACKET.finditer(code):
        char, place = match[0], match.start()
        if char in _OPEN:
            waiting.append((place, _OPEN[char]))
        elif waiting and waiting[-1][1] == char:
            found[waiting.pop()[0]] = place
    return found


def _spans(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, "string" or "comment") of all that is not code; the quotes themselves are code."""
    at = 0
    braces: list[bool] = []  # open braces, innermost last: whether it is the `${` of a template
    while match := _TOKEN.search(text, at):
        start, token = match.start(), match[0]
        at = match.end()
        if token == "//":
            at = _or_end(text, text.find("\n", start))
            yield start, at, "comment"
        elif token == "/*":
            end = text.find("*/", start + 2)
            at = _or_end(text, end + 2 if end >= 0 else -1)
            yield start, at, "comment"
        elif token == "/":
            regex = _REGEX.match(text, start) if _may_be_regex(text, start) else None
            if regex:
                at = regex.end()
                yield start + 1, at - 1, "string"
        elif token in _STRING_END:
            string = _STRING_END[token].match(text, start + 1)
            at = string.end() if string else at
            yield start + 1, max(start + 1, at - 1), "string"
        elif token == "{":
            braces.append(False)
        elif token == "`" or (braces and braces.pop()):
            at, goes_on = _template(text, start + 1)
            yield start + 1, at - (2 if goes_on else 1), "string"
            if goes_on:
                braces.append(True)


def _or_end(text: str, place: int) -> int:
    return place if place >= 0 else len(text)


def _template(text: str, at: int) -> tuple[int, bool]:
    """Where the literal part of a template that begins at `at` is over, and whether by a `${`."""
    for match in _TEMPLATE_STOP.finditer(text, at):
        if match[0] in ("${", "`"):
            return match.end(), match[0] == "${"
    return len(text) + 1, False


def _may_be_regex(text: str, slash: int) -> bool:
    return _BEFORE_REGEX.search(text[max(0, slash - _BEFORE_LENGTH) : slash]) is not None


def _others(spans: list[tuple[int, int, str]], length: int) -> list[tuple[int, int, str]]:
    rest: list[tuple[int, int, str]] = []
    at = 0
    for start, end, kind in spans:
        if kind == "comment":
            rest.append((at, start, "code"))
            at = end
    return [*rest, (at, length, "code")]


def _blanked(text: str, spans: list[tuple[int, int, str]]) -> str:
    pieces: list[str] = []
    at = 0
    for start, end, _ in spans:
        pieces.append(text[at:start])
        pieces.append(re.sub(r"[^\n]", " ", text[start:end]))
        at = max(at, end)
    return "".join([*pieces, text[at:]])
