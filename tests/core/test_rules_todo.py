"""Work put off: what is flagged, what is not, and what has only moved."""

from __future__ import annotations

import pytest

from tests.core.rule_files import Case, changed, findings, flags, passes

NOT_DONE = "throw new Error('not implemented')"


@pytest.mark.parametrize(
    "case",
    [
        # --- TypeScript
        flags("a mark", "a.ts", "const a = 1\n// TODO: validate\n", 2),
        flags("a mark behind code", "a.ts", "const a = 1 // FIXME later\n"),
        flags("a mark with an owner", "a.ts", "/**\n * TODO(sam) check\n */\n", 2),
        flags("a mark behind an address", "a.ts", "const u = 'http://x' // XXX\n"),
        flags("a mark in a template's code", "a.ts", "const t = `${a /* TODO */} b`\n"),
        flags("a mark in a test", "a.test.ts", "// TODO: the other half\n"),
        flags("a mark after a syntax error", "a.ts", "const = = {\n// TODO: x\n", 2),
        flags("words for a stub", "a.ts", "// this is only a stub\n"),
        flags("a placeholder", "a.ts", "// Not yet implemented.\nreturn []\n"),
        flags("an error", "a.ts", f"function f() {{\n  {NOT_DONE}\n}}\n", 2),
        flags("an editor's error", "a.ts", "throw new Error('Method not implemented.')\n"),
        flags("an error of its own", "a.ts", "throw new NotImplementedError()\n"),
        flags("without new", "a.ts", "throw Error(`TODO ${x}`)\n"),
        flags("an empty body", "a.ts", "class A {\n  add() {\n    // implement later\n  }\n}\n", 3),
        passes("a status", "a.ts", "const TODO = 'TODO: x'\nconst status = TODO // the column's state\n"),
        passes("a list of statuses", "a.ts", "// one of TODO, DOING, DONE\n// TODO | DONE\n"),
        passes("a format", "a.ts", "// XXX-XX-XXXX is how a number is masked\n"),
        passes(
            "compound names",
            "a.ts",
            "// the TodoService of todos; see todo_items, TODOS\nclass TodoService {}\n",
        ),
        passes("a regular expression", "a.ts", "const r = /\\/\\/ TODO: x/\n"),
        passes("a string", "a.ts", 'const s = "// TODO: in a string"\n'),
        passes("a stub of a protocol", "a.ts", "// the client uses a gRPC stub\n"),
        passes(
            "a stub in a test", "a.test.ts", f"// the clock is a stub\nconst f = () => {{ {NOT_DONE} }}\n"
        ),
        passes("a fixture", "apps/api/__fixtures__/a.ts", f"// TODO: x\n{NOT_DONE}\n"),
        passes("an error in a string", "a.ts", "logger.info('throw new Error(\"not implemented\")')\n"),
        passes("another error", "a.ts", "throw new Error('not found')\n"),
        passes(
            "an abstract class",
            "a.ts",
            f"abstract class A {{\n  abstract f(): void\n  g() {{ {NOT_DONE} }}\n}}\n",
        ),
        passes("a base", "a.ts", f"class BaseStore {{\n  f() {{ {NOT_DONE} }}\n}}\n"),
        passes("an empty body with a reason", "a.ts", "const noop = () => {\n  // nothing to clean up\n}\n"),
        passes("an ignored error", "a.ts", "try { f() } catch { /* later tries see it */ }\n"),
        # --- Python
        flags("a mark", "a.py", "x = 1  # TODO check\n"),
        flags("a mark where nothing parses", "a.py", "def f(:\n    '''x'''\n# TODO: x\n", 3),
        flags("raise", "a.py", "def f():\n    raise NotImplementedError\n", 2),
        flags(
            "raise with words", "a.py", "def f():\n    if a:\n        raise NotImplementedError('later')\n", 3
        ),
        flags("pass", "a.py", "def f():\n    pass  # later\n", 2),
        flags(
            "pass below a docstring", "a.py", 'def f():\n    """Adds."""\n    ...  # to be implemented\n', 3
        ),
        flags("words for a stub", "a.py", "# stub for now\n"),
        passes("a string", "a.py", 'TEXT = \'# TODO: x\'\nMORE = """\n# TODO: y\n"""\n'),
        passes(
            "a protocol",
            "a.py",
            "class Store(Protocol):\n    def f(self):\n        raise NotImplementedError\n",
        ),
        passes(
            "a protocol's body",
            "a.py",
            "class Store(Protocol[T]):\n    def f(self): ...  # implemented below\n",
        ),
        passes(
            "an abstract method",
            "a.py",
            "class S:\n    @abc.abstractmethod\n    def f(self):\n        raise NotImplementedError\n",
        ),
        passes(
            "a base with a subclass",
            "a.py",
            "class S:\n  def f(self):\n    raise NotImplementedError\n\nclass T(S):\n  def f(self): ...\n",
        ),
        passes("an error handed on", "a.py", "try:\n    f()\nexcept NotImplementedError:\n    raise\n"),
        passes("pass without a word", "a.py", "class E(Exception):\n    pass\n\n\ndef noop():\n    pass\n"),
        passes(
            "pass in a branch",
            "a.py",
            "def f():\n    if a:\n        pass  # the later one wins\n    return 1\n",
        ),
        # --- others
        flags("a mark in SQL", "a.sql", "-- TODO: index\nselect 1;\n"),
        passes("a document", "README.md", "TODO: write\n"),
        passes("a mark that was there", "a.ts", "// TODO: old\nconst b = 2\n", before="// TODO: old\n"),
        passes(
            "a mark that moved",
            "a.ts",
            "const b = 2\nf() // TODO: old\n",
            before="// TODO: old\nconst b = 2\n",
        ),
        flags("a second of the same", "a.ts", "// TODO: old\n// TODO: old\n", 2, before="// TODO: old\n"),
        flags(
            "another function's stub",
            "a.py",
            "def f():\n    return 1\n\n\ndef g():\n    raise NotImplementedError()\n",
            6,
            before="def f():\n    raise NotImplementedError\n",
        ),
    ],
)
def test_work_put_off(case: Case) -> None:
    assert case.lines("todo") == case.flagged


def test_a_move_to_another_file_of_the_chunk_is_no_new_one() -> None:
    old = "// TODO: old\nconst a = 1\n"
    left, moved = (
        changed("a.ts", "const a = 1\n", old),
        changed("b.ts", "function f() {\n  // TODO: old\n}\n"),
    )
    assert findings("todo", left, moved) == []
    copied = changed("a.ts", old + "\n", old)
    assert [finding.path for finding in findings("todo", copied, moved)] == ["b.ts"]
