"""What checkers print, read into diagnostics. Pure: text in, values out.

The forms are those of tsc 5, TypeScript 7 (tsgo), mypy, pyright, ty and pyrefly, and the
`file:line:column:` that compilers and linters share. What fits no form is passed over; it is still in
the output that people see.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from core.domain import Diagnostic, Severity

Form: TypeAlias = re.Pattern[str]

LINE_LIMIT = 4000  # characters of a line that are looked at
CONTINUATION_LINES = 40
LAST_LINES = 12

PLACE = r"(?=[^:]*[^\W\d])(?P<path>[^\s:][^:]*):(?P<line>\d+)"  # with a letter: `12:30:45` is a time
KIND = r"(?P<severity>fatal error|error|warning|warn|note|information|info|hint)"

TSC = re.compile(
    r"(?P<path>\S.*?)\((?P<line>\d+),(?P<column>\d+)\): "
    r"(?P<severity>error|warning|message) (?P<code>TS\d+): (?P<message>.*)"
)
TSC_PRETTY = re.compile(
    PLACE + r":(?P<column>\d+) - (?P<severity>error|warning|message) (?P<code>TS\d+): (?P<message>.*)"
)
TSC_PATHLESS = re.compile(r"(?P<severity>error) (?P<code>TS\d+): (?P<message>.*)")
PYRIGHT = re.compile(
    r" {2,4}" + PLACE + r":(?P<column>\d+) - (?P<severity>error|warning|information): (?P<message>.*)"
)
# mypy's --show-error-end gives the end of the range too.
SEVERITY = re.compile(
    PLACE
    + r"(?::(?P<column>\d+))?(?::\d+:\d+)?: "
    + KIND
    + r"(?:\[(?P<code>[^\]\s]+)\]:?|:) ?(?P<message>.*)"
)
MYPY_WHOLE_FILE = re.compile(r"(?P<path>[^\s:][^:]*\.\w+): " + KIND + r": (?P<message>.*)")
PYREFLY = re.compile(
    r" ?(?P<severity>ERROR|WARN|INFO) " + PLACE + r":(?P<column>\d+)(?:-\d+(?::\d+)?)?: (?P<message>.*)"
)
BARE = re.compile(r"(?=[^:\s]*[./])" + PLACE + r":(?P<column>\d+): (?P<message>\S.*)")
# ty, pyrefly and others say what is wrong first, and where in a line of its own beneath.
HEADLINE = re.compile(
    r"(?P<severity>error|warning|info)\[(?P<code>[\w-]+)\]: (?P<message>.*)"
    r"| ?(?P<level>ERROR|WARN|INFO) (?P<text>\S.*)"
)
ARROW = re.compile(r" *--> " + PLACE + r":(?P<column>\d+)")

TYPESCRIPT: tuple[Form, ...] = (TSC, TSC_PRETTY, TSC_PATHLESS)
PYTHON: tuple[Form, ...] = (PYRIGHT, SEVERITY, MYPY_WHOLE_FILE, PYREFLY)
ANY: tuple[Form, ...] = (*TYPESCRIPT, *PYTHON, BARE)
# The forms whose message goes on in indented lines.
CONTINUED = frozenset({TSC, TSC_PRETTY, TSC_PATHLESS, PYRIGHT})

CODE_AT_END = re.compile(r"\s+(?:\[(?P<plain>[a-z][\w-]*)\]|\((?P<pyright>report\w+)\))\Z")

TURBO_LABEL = re.compile(r"(?P<label>(?:@[\w.~-]+/)?[\w.~-]+:[A-Za-z][\w:.-]*): ?(?P<rest>.*)")
PNPM_START = re.compile(r"(?P<folder>\S+) (?P<task>[A-Za-z][\w:.-]*)\$ ")
PNPM_LABEL = re.compile(r"(?P<label>\S+ [A-Za-z][\w:.-]*): ?(?P<rest>.*)")
PNPM_BANNER = re.compile(r"> \S+@\S* \S+ (?P<folder>/.*)")

SEVERITIES: dict[str, Severity] = {
    "error": "error",
    "fatal error": "error",
    "warning": "warning",
    "warn": "warning",
}


@dataclass
class LabelledOutput:
    """The lines of one package, without turbo's or pnpm's label. `folder`: where its paths start."""

    folder: str
    lines: list[str] = field(default_factory=list)


def parse_diagnostics(
    output: str, forms: tuple[Form, ...], root: Path, folder: str
) -> tuple[Diagnostic, ...]:
    """The diagnostics in `output`, each once, package by package.

    `folder` (workspace-relative) is where relative paths in the output start; a label or banner of pnpm or
    turbo that names another folder goes before it. Paths are made relative to `root` where inside.
    """
    found = (
        diagnostic
        for part in split_by_label(output, root, folder)
        for diagnostic in _read(part.lines, forms, root, part.folder)
    )
    return tuple(dict.fromkeys(found))


def failure_without_diagnostic(shown: str, exit_code: int | None, output: str) -> Diagnostic:
    """What to say of a command that failed and printed nothing that can be read: its last lines."""
    lines = [line.rstrip() for line in output.split("\n") if line.strip()]
    tail = "\n".join(line[:LINE_LIMIT] for line in lines[-LAST_LINES:]) or "(no output)"
    message = f"`{shown}` failed with exit code {exit_code}:\n{tail}"
    return Diagnostic(path=None, line=None, column=None, code=None, severity="error", message=message)


def split_by_label(output: str, root: Path, folder: str) -> tuple[LabelledOutput, ...]:
    """The output by package: turbo runs several at once and mixes their lines."""
    parts = {"": LabelledOutput(folder)}
    for line in output.split("\n"):
        if start := PNPM_START.match(line):
            label = f"{start['folder']} {start['task']}"
            parts[label] = LabelledOutput(workspace_path(start["folder"], root, ""))
            continue
        label, rest = _label_of(line, parts)
        part = parts.setdefault(label, LabelledOutput(folder))
        if banner := PNPM_BANNER.match(rest):
            part.folder = workspace_path(banner["folder"], root, "")
        part.lines.append(rest)
    return tuple(parts.values())


def _label_of(line: str, known: dict[str, LabelledOutput]) -> tuple[str, str]:
    if turbo := TURBO_LABEL.fullmatch(line):
        return turbo["label"], turbo["rest"]
    # Any prose has words before a colon: pnpm's labels count once pnpm has announced them.
    pnpm = PNPM_LABEL.fullmatch(line)
    if pnpm and pnpm["label"] in known:
        return pnpm["label"], pnpm["rest"]
    return "", line


def workspace_path(path: str, root: Path, folder: str) -> str:
    """`path`, absolute or from `folder`, relative to the workspace; unchanged when it is outside of it."""
    if not path.startswith("/"):
        inside = posixpath.normpath(posixpath.join(folder, path))
        if not inside.startswith("../"):
            return "" if inside == "." else inside
        path = posixpath.normpath(posixpath.join(str(root), inside))
    for base in (str(root), os.path.realpath(root)):  # tools print real paths, the engineer may use a link
        if path == base or path.startswith(f"{base}/"):
            return path[len(base) + 1 :]
    return path


def _read(lines: list[str], forms: tuple[Form, ...], root: Path, folder: str) -> Iterator[Diagnostic]:
    at = 0
    while at < len(lines):
        form, match = _match(lines[at], forms)
        at += 1
        if form is None or match is None:
            if at < len(lines) and (two := _two_lines(lines[at - 1], lines[at])):
                yield _diagnostic(two, [], root, folder)
            continue
        more = _continuation(lines[at : at + CONTINUATION_LINES], forms) if form in CONTINUED else []
        at += len(more)
        yield _diagnostic(match.groupdict(), more, root, folder)


def _match(line: str, forms: tuple[Form, ...]) -> tuple[Form | None, re.Match[str] | None]:
    for form in forms:
        if match := form.fullmatch(line[:LINE_LIMIT].rstrip()):
            return form, match
    return None, None


def _two_lines(first: str, second: str) -> dict[str, str | None] | None:
    head = HEADLINE.fullmatch(first[:LINE_LIMIT].rstrip())
    arrow = ARROW.fullmatch(second[:LINE_LIMIT].rstrip()) if head else None
    if head is None or arrow is None:
        return None
    severity, message = head["severity"] or head["level"], head["message"] or head["text"]
    return {**arrow.groupdict(), "severity": severity, "code": head["code"], "message": message}


def _continuation(lines: list[str], forms: tuple[Form, ...]) -> list[str]:
    """The indented lines at the front: the rest of a message, until the next one."""
    taken: list[str] = []
    for line in lines:
        if not line.startswith("  ") or not line.strip() or _match(line, forms)[0]:
            break
        taken.append(line[:LINE_LIMIT].rstrip())
    return taken


def _diagnostic(found: dict[str, str | None], more: list[str], root: Path, folder: str) -> Diagnostic:
    path, line, column = found.get("path"), found.get("line"), found.get("column")
    plain = Diagnostic(
        path=workspace_path(path, root, folder) if path else None,
        line=int(line) if line else None,
        column=int(column) if column else None,
        code=found.get("code"),
        severity=SEVERITIES.get((found.get("severity") or "error").lower(), "note"),
        message="\n".join([(found.get("message") or "").strip(), *more]),
    )
    at_end = CODE_AT_END.search(plain.message)
    if plain.code or at_end is None:
        return plain
    return replace(plain, code=at_end["plain"] or at_end["pyright"], message=plain.message[: at_end.start()])
