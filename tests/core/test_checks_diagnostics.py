"""What tsc, tsgo, mypy, pyright, ty, pyrefly and other tools print, read into diagnostics."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.checks.diagnostics import (
    ANY,
    PYTHON,
    TYPESCRIPT,
    Form,
    failure_without_diagnostic,
    parse_diagnostics,
    workspace_path,
)
from core.checks.json_diagnostics import parse_json
from core.domain import Diagnostic

ROOT = Path("/ws")

TSC = """
> @repo/api@1.0.0 check-types /ws/apps/api
> tsc --noEmit

src/user.ts(2,19): error TS2322: Type 'number' is not assignable to type 'string'.
src/app/(group)/[id].ts(4,3): error TS2345: Argument of type '(x: string) => string' is not assignable.
  Types of parameters 'x' and 'x' are incompatible.
    Type 'number' is not assignable to type 'string'.
../../packages/core/src/index.ts(6,25): error TS2307: Cannot find module './b.js' or its types.
error TS18003: No inputs were found in config file.
/ws/apps/api:
 ERR_PNPM_RECURSIVE_RUN_FIRST_FAIL  @repo/api@1.0.0 check-types: `tsc --noEmit`
Exit status 2
"""

TSC_PRETTY = """\
src/user.ts:2:19 - error TS2322: Type 'number' is not assignable to type 'string'.

2 const u: User = { id: 1, address: { city: 2 } };
                    ~~

  src/user.ts:1:18
    1 interface User { id: string; address: { city: string } }
                       ~~
    The expected type comes from property 'id' which is declared here on type 'User'

src/user.ts:4:3 - error TS2345: Argument of type 'A' is not assignable to parameter of type 'B'.
  Types of parameters 'x' and 'x' are incompatible.

4 f((x: string) => x);
    ~~~~~~~~~~~~~~~~

Found 2 errors in the same file, starting at: src/user.ts:2
"""

TSGO_PRETTY = """\
src/user.ts:2:19 - error TS2322: Type 'number' is not assignable to type 'string'.

2 const u: User = { id: 1 };
                    ~~

  src/user.ts:1:18 - The expected type comes from property 'id' which is declared here on type 'User'
    1 interface User { id: string }
                       ~~
"""

TURBO = """\
@repo/lib:check-types: cache miss, executing 22736e63f6098119
@repo/api:check-types: cache miss, executing 96afd24242ef92d1
@repo/lib:check-types: > @repo/lib@ check-types /ws/packages/lib
@repo/api:check-types: > @repo/api@ check-types /ws/apps/api
@repo/api:check-types: src/a.ts(4,3): error TS2345: Argument is not assignable.
@repo/lib:check-types: src/a.ts(2,19): error TS2322: Type 'number' is not assignable to type 'string'.
@repo/api:check-types:   Types of parameters 'x' and 'x' are incompatible.
@repo/api:check-types:  ELIFECYCLE  Command failed with exit code 2.
Failed:    @repo/api#check-types
"""

PNPM_RECURSIVE = """\
Scope: 4 of 5 workspace projects
packages/lib check-types$ tsc --noEmit
apps/api check-types$ tsc --noEmit
apps/api check-types: src/a.ts(4,3): error TS2345: Argument is not assignable.
packages/lib check-types: src/a.ts(2,19): error TS2322: Type 'number' is not assignable.
apps/api check-types:   Types of parameters 'x' and 'x' are incompatible.
apps/api check-types: Failed
"""

MYPY = """\
svc/a.py:2:12: error: Incompatible return value type (got "int", expected "str")  [return-value]
svc/a.py:7:5: note:      Superclass:
svc/a.py:9: error: Name "x" already defined on line 3  [no-redef]
svc/a.py:9:1:9:8: error: Value of type "list[int]" is not indexable  [index]
svc/b.py: error: Duplicate module named "b" (also at "c/b.py")
Found 4 errors in 2 files (checked 3 source files)
"""

PYRIGHT = """\
/ws/svc/a.py
  /ws/svc/a.py:2:12 - error: Type "int" is not assignable to return type "str"
    "int" is not assignable to "str" (reportReturnType)
  /ws/svc/a.py:8:8 - warning: Import "nothere" could not be resolved (reportMissingImports)
  /ws/svc/a.py:9:13 - information: Type of "f" is "(x: int) -> str"
  /ws/svc/a.py:10:1 - error: "(" was not closed
3 errors, 1 warning, 1 information
"""

TY = """\
svc/a.py:2:12: error[invalid-return] Return type does not match returned value
svc/a.py:9:1: warning[undefined-reveal] `reveal_type` used without importing it
Found 2 diagnostics
"""

PYREFLY = """\
ERROR svc/a.py:2:12-13: Returned type `int` is not assignable to declared return type `str` [bad-return]
 INFO svc/a.py:9:12-10:15: revealed type: (x: int) -> str [reveal-type]
"""

TY_FULL = """\
error[invalid-argument-type]: Argument to function `f` is incorrect
 --> svc/a.py:5:3
  |
5 | f("1")
  |   ^^^ Expected `int`, found `Literal["1"]`
info: Function defined here
 --> svc/a.py:1:5
  |
info[revealed-type]: Revealed type
 --> svc/a.py:7:13

Found 2 diagnostics
"""

PYREFLY_FULL = """\
ERROR Cannot find module `nothere` [missing-import]
 --> svc/a.py:6:8
  |
6 | import nothere
  |        ^^^^^^^
  Looked in these locations (from config in `/ws/pyrefly.toml`):
 INFO revealed type: (x: int) -> str [reveal-type]
 --> svc/a.py:7:12
 INFO 1 error
"""

PYRIGHT_JSON = """\
No configuration file found.
{
    "version": "1.1.414",
    "generalDiagnostics": [
        {
            "file": "/ws/svc/a.py",
            "severity": "error",
            "message": "Type \\"int\\" is not \\"str\\"\\n  more of it",
            "range": {"start": {"line": 1, "character": 11}, "end": {"line": 1, "character": 12}},
            "rule": "reportReturnType"
        },
        {"file": "/ws/svc/b.py", "severity": "information", "message": "Type of \\"f\\"", "range": null},
        {"severity": "error"},
        "odd"
    ],
    "summary": {"errorCount": 1}
}
"""

MYPY_JSON = """\
Warning: something else
{"file": "svc/a.py", "line": 2, "column": 11, "message": "Bad", "code": "misc", "severity": "error"}
{"file": "svc/a.py", "line": -1, "column": -1, "message": "Whole file", "code": null, "severity": "note"}
{"file": "svc/a.py", "li
"""

TSC_BUILD = """\
[1:59:04 PM] Projects in this build:
    * core/tsconfig.json
    * tsconfig.json

[1:59:04 PM] Building project '/ws/core/tsconfig.json'...

core/src/i.ts(1,14): error TS2322: Type 'string' is not assignable to type 'number'.
error TS5083: Cannot read file '/ws/gone.json'.
bad.json(1,58): error TS5024: Compiler option 'strict' requires a value of type boolean.
"""

GENERIC = """\
12:30:45: all good so far
./main.go:12:3: undefined: x
src/lib.c:4:1: warning: unused variable
src/lib.c:9: fatal error: no such header
    at run (/ws/tool.js:3:9)
"""


def read(output: str, forms: tuple[Form, ...], folder: str = "") -> list[tuple[object, ...]]:
    found = parse_diagnostics(output, forms, ROOT, folder)
    return [(d.place, d.code, d.severity, d.message) for d in found]


def test_tsc() -> None:
    assert read(TSC, TYPESCRIPT) == [
        ("apps/api/src/user.ts:2:19", "TS2322", "error", "Type 'number' is not assignable to type 'string'."),
        (
            "apps/api/src/app/(group)/[id].ts:4:3",
            "TS2345",
            "error",
            "Argument of type '(x: string) => string' is not assignable.\n"
            "  Types of parameters 'x' and 'x' are incompatible.\n"
            "    Type 'number' is not assignable to type 'string'.",
        ),
        (
            "packages/core/src/index.ts:6:25",
            "TS2307",
            "error",
            "Cannot find module './b.js' or its types.",
        ),
        ("", "TS18003", "error", "No inputs were found in config file."),
    ]


@pytest.mark.parametrize("forms", [TYPESCRIPT, ANY])
def test_tsc_pretty_without_its_source_lines_and_related_places(forms: tuple[Form, ...]) -> None:
    assert read(TSC_PRETTY, forms, "apps/api") == [
        ("apps/api/src/user.ts:2:19", "TS2322", "error", "Type 'number' is not assignable to type 'string'."),
        (
            "apps/api/src/user.ts:4:3",
            "TS2345",
            "error",
            "Argument of type 'A' is not assignable to parameter of type 'B'.\n"
            "  Types of parameters 'x' and 'x' are incompatible.",
        ),
    ]
    assert [place for place, *_ in read(TSGO_PRETTY, forms)] == ["src/user.ts:2:19"]


@pytest.mark.parametrize("output", [TURBO, PNPM_RECURSIVE], ids=["turbo", "pnpm -r"])
def test_packages_checked_at_once_are_told_apart(output: str) -> None:
    by_place = {place: message for place, _, _, message in read(output, TYPESCRIPT)}
    assert set(by_place) == {"packages/lib/src/a.ts:2:19", "apps/api/src/a.ts:4:3"}
    assert str(by_place["apps/api/src/a.ts:4:3"]).endswith(
        "\n  Types of parameters 'x' and 'x' are incompatible."
    )


def test_mypy_with_and_without_columns() -> None:
    assert read(MYPY, PYTHON, "py") == [
        (
            "py/svc/a.py:2:12",
            "return-value",
            "error",
            'Incompatible return value type (got "int", expected "str")',
        ),
        ("py/svc/a.py:7:5", None, "note", "Superclass:"),
        ("py/svc/a.py:9", "no-redef", "error", 'Name "x" already defined on line 3'),
        ("py/svc/a.py:9:1", "index", "error", 'Value of type "list[int]" is not indexable'),
        ("py/svc/b.py", None, "error", 'Duplicate module named "b" (also at "c/b.py")'),
    ]


def test_pyright_takes_the_code_from_the_end_of_the_message() -> None:
    assert read(PYRIGHT, PYTHON) == [
        (
            "svc/a.py:2:12",
            "reportReturnType",
            "error",
            'Type "int" is not assignable to return type "str"\n    "int" is not assignable to "str"',
        ),
        ("svc/a.py:8:8", "reportMissingImports", "warning", 'Import "nothere" could not be resolved'),
        ("svc/a.py:9:13", None, "note", 'Type of "f" is "(x: int) -> str"'),
        ("svc/a.py:10:1", None, "error", '"(" was not closed'),
    ]


def test_ty_and_pyrefly() -> None:
    assert [row[:3] for row in read(TY + PYREFLY, PYTHON)] == [
        ("svc/a.py:2:12", "invalid-return", "error"),
        ("svc/a.py:9:1", "undefined-reveal", "warning"),
        ("svc/a.py:2:12", "bad-return", "error"),
        ("svc/a.py:9:12", "reveal-type", "note"),
    ]


def test_ty_and_pyrefly_in_their_own_form() -> None:
    """A person's terminal form: what is wrong in one line, where it is in the next."""
    for forms in (PYTHON, ANY):
        assert read(TY_FULL + PYREFLY_FULL, forms) == [
            ("svc/a.py:5:3", "invalid-argument-type", "error", "Argument to function `f` is incorrect"),
            ("svc/a.py:7:13", "revealed-type", "note", "Revealed type"),
            ("svc/a.py:6:8", "missing-import", "error", "Cannot find module `nothere`"),
            ("svc/a.py:7:12", "reveal-type", "note", "revealed type: (x: int) -> str"),
        ]


def test_tsc_with_project_references() -> None:
    assert [row[:3] for row in read(TSC_BUILD, TYPESCRIPT)] == [
        ("core/src/i.ts:1:14", "TS2322", "error"),
        ("", "TS5083", "error"),
        ("bad.json:1:58", "TS5024", "error"),
    ]


def read_json(output: str) -> list[tuple[object, ...]]:
    assert parse_diagnostics(output, ANY, ROOT, "") == ()
    return [(d.place, d.code, d.severity, d.message) for d in parse_json(output, ROOT, "")]


def test_json_of_pyright_and_mypy() -> None:
    assert read_json(PYRIGHT_JSON) == [
        ("svc/a.py:2:12", "reportReturnType", "error", 'Type "int" is not "str"\n  more of it'),
        ("svc/b.py", None, "note", 'Type of "f"'),
    ]
    assert read_json(MYPY_JSON) == [
        ("svc/a.py:2:12", "misc", "error", "Bad"),
        ("svc/a.py", None, "note", "Whole file"),
    ]


@pytest.mark.parametrize("cut", [10, 60, 400])
def test_json_that_is_cut_off_is_no_diagnostic(cut: int) -> None:
    assert parse_json(PYRIGHT_JSON[:cut], ROOT, "") == ()
    assert parse_json('{"generalDiagnostics":' + "[" * 100_000, ROOT, "") == ()


def test_any_tool_that_names_file_line_and_column() -> None:
    assert read(GENERIC, ANY) == [
        ("main.go:12:3", None, "error", "undefined: x"),
        ("src/lib.c:4:1", None, "warning", "unused variable"),
        ("src/lib.c:9", None, "error", "no such header"),
    ]
    for output in (MYPY, PYRIGHT, TY, PYREFLY, TSC, TURBO):
        own = TYPESCRIPT if "TS2" in output else PYTHON
        assert read(output, ANY) == read(output, own)


def test_the_same_diagnostic_twice_is_one() -> None:
    assert len(read(MYPY + MYPY, PYTHON)) == 5


def test_paths_are_from_the_workspace_also_through_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    assert workspace_path(f"{real}/src/a.ts", link, "x") == "src/a.ts"
    assert workspace_path(f"{link}/src/a.ts", link, "x") == "src/a.ts"
    assert workspace_path("../lib/./a.ts", link, "apps/api") == "apps/lib/a.ts"
    assert workspace_path("../api-evil/a.ts", Path("/w/api"), "") == "/w/api-evil/a.ts"
    assert workspace_path("/usr/lib/typeshed/x.pyi", link, "") == "/usr/lib/typeshed/x.pyi"


def test_output_that_cannot_be_read_is_told_by_its_last_lines() -> None:
    output = "\n".join(f"line {n}\n" for n in range(100))
    assert failure_without_diagnostic("make types", 2, output) == Diagnostic(
        path=None,
        line=None,
        column=None,
        code=None,
        severity="error",
        message="`make types` failed with exit code 2:\n" + "\n".join(f"line {n}" for n in range(88, 100)),
    )
    assert "(no output)" in failure_without_diagnostic("make", 1, " \n").message


LINES = st.sampled_from(
    [*TSC.splitlines(), *TURBO.splitlines(), *PYRIGHT.splitlines(), *PNPM_RECURSIVE.splitlines()]
)


@given(st.lists(st.one_of(LINES, st.text(max_size=30)), max_size=12))
@settings(max_examples=80, deadline=None)
def test_any_output_is_read_without_a_fault(lines: list[str]) -> None:
    for diagnostic in parse_diagnostics("\n".join(lines), ANY, ROOT, "apps/api"):
        assert not (diagnostic.path or "").startswith("/ws/")


@pytest.mark.parametrize("unit", ["(", "a:", "1:", "a(1,", "[a", " ", "a b: ", "x@", "@a/", "(1,1): "])
def test_long_lines_take_no_time(unit: str) -> None:
    assert parse_diagnostics(unit * 100_000, ANY, ROOT, "") == ()
