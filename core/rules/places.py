"""What a path says about a file: its language, and whether it is a test."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

TYPESCRIPT = frozenset({".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"})
_TEST_FOLDERS = frozenset(
    {"__tests__", "__test__", "__mocks__", "__fixtures__", "tests", "test", "e2e", "spec"}
)
_TEST_NAME = re.compile(r"(?:\.|_|-)(?:test|tests|spec|e2e)\.\w+$|^test_\w*\.py$|^conftest\.py$")


def folders(path: str) -> tuple[str, ...]:
    return PurePosixPath(path).parts[:-1]


def name(path: str) -> str:
    return PurePosixPath(path).name


def is_typescript(path: str) -> bool:
    """TypeScript or JavaScript."""
    return PurePosixPath(path).suffix in TYPESCRIPT


def is_python(path: str) -> bool:
    return path.endswith(".py")


def is_test(path: str) -> bool:
    return bool(_TEST_FOLDERS.intersection(folders(path)) or _TEST_NAME.search(name(path)))


def lines(text: str) -> list[str]:
    """The lines as a diff counts them: ended by LF only, without it."""
    return text.split("\n")


def line_of(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1
