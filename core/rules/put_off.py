"""Places where work is put off: marks in comments (TypeScript, Python, SQL), and stubs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.rules.places import is_fixture, is_python, is_test, is_typescript, lines
from core.rules.python_text import python_comments
from core.rules.stubs import PutOff, python_stubs, typescript_stubs
from core.rules.typescript_tree import comments

# A mark opens a comment or has a colon or an owner: `TODO, DOING, DONE` names a status, `XXX-XX` a format.
_MARK = re.compile(r"^[\s/*#-]*(TODO|FIXME|XXX)\b(?!\s*(?:[,|/=>'\"`]|->|-\w))|\b(TODO|FIXME|XXX)\s*[:(]")
_STUB = re.compile(
    r"(?i)\b(?:(?:just|only|is|as) a stub|temporary stub|stub (?:for now|until|implementation)|stubbed out)\b"
    r"|^[\s/*#-]*(?:stub\s*(?:[:.—]|$)|(?:not (?:yet )?implemented|to be implemented)\b\s*(?:[:.,;!*/]|yet|$)"
    r"|(?:implement (?:this )?later|placeholder implementation)\b)"
)


def put_off(path: str, text: str) -> Iterator[PutOff]:
    """By line, at most one a line. A test may speak of stubs, and a fixture of anything."""
    if is_fixture(path):
        return
    found: dict[int, PutOff] = {}
    for line, comment in _comments(path, text):
        mark = _MARK.search(comment)
        if mark:
            found[line] = PutOff(line=line, what=mark[1] or mark[2], text=_plain(comment))
        elif not is_test(path) and _STUB.search(comment):
            found[line] = PutOff(line=line, what="a stub", text=_plain(comment))
    if not is_test(path):
        for stub in _stubs(path, text):
            found.setdefault(stub.line, stub)
    yield from (found[line] for line in sorted(found))


def _stubs(path: str, text: str) -> Iterator[PutOff]:
    if is_typescript(path):
        yield from typescript_stubs(path, text)
    elif is_python(path):
        yield from python_stubs(text)


def _plain(comment: str) -> str:
    return " ".join(comment.strip("/*#- \t").split())


def _comments(path: str, text: str) -> Iterator[tuple[int, str]]:
    if is_typescript(path):
        yield from comments(path, text)
    elif is_python(path):
        yield from python_comments(text)
    elif path.endswith(".sql"):
        for n, line in enumerate(lines(text), 1):
            if line.lstrip().startswith("--"):
                yield n, line.strip()
