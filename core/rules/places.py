"""What a path says about a file (its language, a test, a fixture, routes), and lines of a text."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from pathlib import PurePosixPath

TYPESCRIPT = frozenset({".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"})
_FIXTURE_FOLDERS = frozenset({"fixtures", "__fixtures__", "testdata", "__snapshots__"})
_TEST_FOLDERS = frozenset({"__tests__", "__test__", "__mocks__", "tests", "test", "e2e", "spec"})
_TEST_NAME = re.compile(r"(?:\.|_|-)(?:test|tests|spec|e2e)\.\w+$|^test_\w*\.py$|^conftest\.py$")
_ROUTE_FOLDERS = frozenset({"routes", "routers", "controllers"})
_ROUTE_STEM = re.compile(r"^routes?$|[._-](?:routes?|controllers?)$")


def folders(path: str) -> tuple[str, ...]:
    return PurePosixPath(path).parts[:-1]


def name(path: str) -> str:
    return PurePosixPath(path).name


def stem(path: str) -> str:
    return PurePosixPath(path).stem


def is_typescript(path: str) -> bool:
    """TypeScript or JavaScript."""
    return PurePosixPath(path).suffix in TYPESCRIPT


def is_python(path: str) -> bool:
    return path.endswith(".py")


def is_fixture(path: str) -> bool:
    """Whether the file is data of tests, which nothing runs or installs."""
    return bool(_FIXTURE_FOLDERS.intersection(folders(path)))


def is_test(path: str) -> bool:
    in_folder = not _TEST_FOLDERS.isdisjoint(folders(path)) or is_fixture(path)
    return in_folder or _TEST_NAME.search(name(path)) is not None


def is_route_file(path: str) -> bool:
    """Whether the file is there for its routes. Handlers may be elsewhere, too: see `routes`."""
    in_folder = not _ROUTE_FOLDERS.isdisjoint(folders(path))
    return (in_folder or _ROUTE_STEM.search(stem(path)) is not None) and not is_test(path)


def lines(text: str) -> list[str]:
    """The lines as a diff counts them: ended by LF only, without it."""
    return text.split("\n")


def line_of(text: str, place: int) -> int:
    """The line, from 1, of the character at `place`."""
    return bisect_left(_line_ends(text), place) + 1


@lru_cache(maxsize=16)
def _line_ends(text: str) -> tuple[int, ...]:
    return tuple(match.start() for match in re.finditer("\n", text))
