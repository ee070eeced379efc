from __future__ import annotations

import pytest

from tests.core.rule_files import changed, findings, flagged


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("a.ts", "const a = 1\n// TODO: validate\n", 2),
        ("a.ts", "const a = 1 // FIXME later\n", 1),
        ("a.ts", "/**\n * TODO(sam) check\n */\n", 2),
        ("a.ts", "const u = 'http://x' // XXX\n", 1),
        ("a.ts", "const t = `${a /* TODO */} b`\n", 1),
        ("a.ts", "// this is only a stub\n", 1),
        ("a.ts", "throw new Error('Not implemented')\n", 1),
        ("a.py", "x = 1  # TODO check\n", 1),
        ("a.py", "def f():\n    raise NotImplementedError\n", 2),
        ("a.py", "def f():\n    raise NotImplementedError('later')\n", 2),
        ("a.py", "# stub for now\n", 1),
        ("a.sql", "-- TODO: index\nselect 1;\n", 1),
    ],
)
def test_work_put_off_is_a_warning(path: str, text: str, line: int) -> None:
    (finding,) = findings("todo", changed(path, text))
    assert (finding.line, finding.severity) == (line, "warn")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.ts", "const TODO = 'TODO: x'\nconst status = TODO // the column's state\n"),
        ("a.ts", "// one of TODO, DOING, DONE\n// TODO | DONE\n"),
        ("a.ts", "// XXX-XX-XXXX is how a number is masked\n"),
        ("a.ts", "// the list of todos of a user; see todo_items\n"),
        ("a.ts", "const r = /\\/\\/ TODO: x/\n"),
        ("a.ts", 'const s = "// TODO: in a string"\n'),
        ("a.ts", "// the client uses a gRPC stub\n"),
        ("a.test.ts", "// the clock is a stub\n"),
        ("a.ts", "logger.info('throw new Error(\"not implemented\")')\n"),
        ("a.py", "TEXT = '# TODO: x'\n"),
        ("a.py", "class Store(Protocol):\n    def f(self):\n        raise NotImplementedError\n"),
        ("a.py", "class S:\n    @abc.abstractmethod\n    def f(self):\n        raise NotImplementedError\n"),
        ("a.py", "try:\n    f()\nexcept NotImplementedError:\n    raise\n"),
        ("README.md", "TODO: write\n"),
    ],
)
def test_words_that_put_nothing_off_are_not(path: str, text: str) -> None:
    assert flagged("todo", path, text) == []


def test_a_mark_that_was_there_or_was_moved_is_not_the_chunks() -> None:
    old = "// TODO: old\nconst a = 1\n"
    assert flagged("todo", "a.ts", old + "const b = 2\n", old) == []
    moved = changed("b.ts", "function f() {\n  // TODO: old\n}\n")
    assert findings("todo", changed("a.ts", "const a = 1\n", old), moved) == []
