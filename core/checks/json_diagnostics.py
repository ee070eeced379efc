"""Diagnostics that a checker prints as JSON: pyright's one document, mypy's object a line.

Pure. What is no such JSON is passed over; other lines (a banner, a warning) may stand around it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from core.checks.diagnostics import SEVERITIES, workspace_path
from core.domain import Diagnostic, JsonObject

DOCUMENT = '"generalDiagnostics"'


def parse_json(output: str, root: Path, folder: str) -> tuple[Diagnostic, ...]:
    """The diagnostics, each once; paths as in `core.checks.diagnostics.parse_diagnostics`."""
    read = _pyright(output) if DOCUMENT in output else _mypy(output)
    found = (diagnostic for each in read if (diagnostic := _diagnostic(each, root, folder)))
    return tuple(dict.fromkeys(found))


def _pyright(output: str) -> Iterator[JsonObject]:
    """Its lines and columns count from 0."""
    start = 0 if output.startswith("{") else output.find("\n{") + 1
    document = _object(output[start:])
    found = document.get("generalDiagnostics") if document else None
    for each in found if isinstance(found, list) else ():
        if isinstance(each, dict):
            at = each.get("range")
            start_of = at.get("start") if isinstance(at, dict) else None
            begin = start_of if isinstance(start_of, dict) else {}
            yield {
                **each,
                "code": each.get("rule"),
                "line": _counted_from_1(begin.get("line")),
                "column": _counted_from_1(begin.get("character")),
            }


def _mypy(output: str) -> Iterator[JsonObject]:
    """`--output=json`. Its columns count from 0, its lines from 1."""
    for line in output.split("\n"):
        if line.startswith('{"file": ') and (each := _object(line)):
            yield {**each, "column": _counted_from_1(each.get("column"))}


def _object(text: str) -> JsonObject | None:
    try:
        found, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _counted_from_1(number: object) -> int | None:
    return number + 1 if isinstance(number, int) and number >= 0 else None


def _diagnostic(found: JsonObject, root: Path, folder: str) -> Diagnostic | None:
    path, message, line, code = (found.get(key) for key in ("file", "message", "line", "code"))
    if not isinstance(path, str) or not isinstance(message, str):
        return None
    return Diagnostic(
        path=workspace_path(path, root, folder) if path else None,
        line=line if isinstance(line, int) and line > 0 else None,
        column=found["column"],
        code=code if isinstance(code, str) else None,
        severity=SEVERITIES.get(str(found.get("severity")), "note"),
        message=message.strip(),
    )
