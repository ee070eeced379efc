"""Why a failed check of TypeScript says nothing about the code: what pnpm, turbo, node and tsc say of it."""

from __future__ import annotations

import re
from pathlib import Path

from core.checks.command import shared_environment_fault
from core.checks.diagnostics import split_by_label

# These say that a script failed (what it printed says why), or that a file of the code is broken.
PNPM_CODE_FAULTS = (
    "RECURSIVE_RUN_FIRST_FAIL",
    "RECURSIVE_EXEC_FIRST_FAIL",
    "JSON_PARSE",
    "INVALID_PACKAGE_NAME",
)
# A program of node that died of an exception of its own says so; which one, by the lines of its stack.
NODE_ENDED = re.compile(r"Node\.js v\d+\.\d+\.\d+")
COMPILER = re.compile(r"\S*/(?:typescript|@typescript/native-preview[^/]*)/(?:lib|bin)/\S*")
NODE_ERROR = re.compile(r"(?P<what>\w*Error(?: \[\w+\])?: .*)")
GO_PANIC = re.compile(r"(?:panic|fatal error): (?P<what>.*)")
GO_STACK = re.compile(r"goroutine \d+ \[.*\]:")
PNPM_ERROR = re.compile(r"ERR_PNPM_(?P<code>[A-Z_0-9]+)\s+(?P<what>.*)")
ENVIRONMENT_FAULTS = tuple(
    re.compile(pattern)
    for pattern in (
        r"ERR_PNPM_RECURSIVE_EXEC_FIRST_FAIL\s+(?P<what>Command \"[^\"]*\" not found)",
        r"(?P<what>No projects matched the filters\b.*)",
        r"Error \[ERR_UNKNOWN_BUILTIN_MODULE\]: (?P<what>.*)",  # pnpm is too new for this node
        r"ERROR: (?P<what>This version of pnpm requires .*)",
        r"ERROR\s+(?P<what>(?:This project is configured to use|Refusing to run|Unsupported) .*)",
        r"(?:Error: )?(?P<what>Cannot find module '(?:typescript|[^']*/node_modules/[^']*)')",
        r"(?:x|×) (?P<what>(?:No package found|Could not (?:resolve|find|parse)|Unable to find) .*)",
    )
)


def environment_fault_in(output: str) -> str | None:
    """The fault in a few words, or None when the output has no sign of one."""
    plain = [line.strip() for part in split_by_label(output, Path(), "") for line in part.lines]
    return shared_environment_fault("\n".join(plain)) or _pnpm_fault(plain) or _compiler_crash(plain)


def _pnpm_fault(lines: list[str]) -> str | None:
    for line in lines:
        for pattern in ENVIRONMENT_FAULTS:
            if match := pattern.fullmatch(line):
                return match["what"]
        error = PNPM_ERROR.fullmatch(line)
        if error and error["code"] not in PNPM_CODE_FAULTS:
            return f"pnpm: {error['what']}"
    return None


def _compiler_crash(lines: list[str]) -> str | None:
    """tsc (or tsgo) that broke: what it says then is not about the code."""
    if any(map(NODE_ENDED.fullmatch, lines)) and any(map(COMPILER.match, lines)):
        found = next((match for line in lines if (match := NODE_ERROR.fullmatch(line))), None)
    elif any(map(GO_STACK.fullmatch, lines)):
        found = next((match for line in lines if (match := GO_PANIC.fullmatch(line))), None)
    else:
        return None
    return f"the compiler crashed: {found['what']}" if found else "the compiler crashed"
