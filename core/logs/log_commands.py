"""The commands of a log entry, each with the result that stands behind it (SPEC 12)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from core.domain import value
from core.logs.log_fields import says_none
from core.markdown import Line, cells, is_table_rule, item, plain

PROGRAMS = frozenset(
    [
        "pnpm",
        "npm",
        "npx",
        "yarn",
        "bun",
        "bunx",
        "node",
        "deno",
        "tsc",
        "tsx",
        "vitest",
        "jest",
        "eslint",
        "prettier",
        "turbo",
        "nx",
        "docker",
        "docker-compose",
        "psql",
        "git",
        "gh",
        "curl",
        "wget",
        "http",
        "make",
        "just",
        "cmake",
        "python",
        "python3",
        "pip",
        "uv",
        "pytest",
        "mypy",
        "pyright",
        "ruff",
        "go",
        "cargo",
        "rustc",
        "java",
        "mvn",
        "gradle",
        "dotnet",
        "php",
        "composer",
        "ruby",
        "bundle",
        "rake",
        "rails",
        "terraform",
        "kubectl",
        "helm",
        "aws",
        "gcloud",
        "az",
        "supabase",
        "prisma",
        "drizzle-kit",
        "vercel",
        "serverless",
        "sam",
        "cd",
        "ls",
        "cat",
        "grep",
        "rg",
        "sed",
        "awk",
        "find",
        "mkdir",
        "rm",
        "cp",
        "mv",
        "touch",
        "chmod",
        "echo",
        "export",
        "source",
        "bash",
        "sh",
        "zsh",
        "sqlite3",
        "redis-cli",
        "mongosh",
        "biome",
        "oxlint",
        "playwright",
        "cypress",
        "tail",
        "head",
        "wc",
        "diff",
    ]
)
SPAN = re.compile(r"(`+)(.+?)(?<!`)\1(?!`)", re.DOTALL)
SHELLS = ("bash", "sh", "shell", "zsh", "console", "terminal", "shell-session", "cmd", "powershell")
BARE_RESULT = re.compile(
    r"\s+(?:→|=>|->|—|–|-)\s+(?=\S)|\s+(?=\([^()]*\)\s*$)|:\s+(?=[^\s\w]*(?:pass|fail|ok\b|success|error|done))",
    re.I,
)
OUTCOME = re.compile(
    r"\b(?:failed|succeeded|passed|pass|success(?:ful)?|ok|error|errored)\b|[✓✅❌✗]", re.IGNORECASE
)
FAILED = re.compile(
    r"\bfail(?:ed|s|ing|ure)?\b|\berror(?:s|ed)?\b|❌|✗|✘|\bexit (?:code )?[1-9]", re.IGNORECASE
)
OUTPUT_MARKS = "✓✔✅❌✗✘→×>"
NO_FAILURE = re.compile(
    r"\b(?:0|no|zero|without) (?:\w+ )?(?:fail\w*|errors?)|\bpre-?existing\b[^,;]*|\bafter fixing\b.*|\bfixed\b",
    re.IGNORECASE,
)


@value
class LogCommand:
    command: str
    result: str | None = None

    @property
    def ok(self) -> bool | None:
        """Whether its result says that it went well; None where there is no result."""
        if self.result is None:
            return None
        return not FAILED.search(NO_FAILURE.sub("", self.result))


def commands_in(inline: str, lines: Sequence[Line], *, listed: bool = True) -> list[LogCommand]:
    """The commands behind a label: on its line, as items, in a shell fence, in a table.

    `listed` False: the lines are any text, and only what names a program in backticks is a command.
    """
    found: list[LogCommand] = []
    if inline.strip() and not says_none(inline):
        found += _of_text(inline, sure=False)
    body = list(lines)
    while body:
        if body[0].fence:
            block, body = _fence(body)
            found = _with_fence(found, block)
            continue
        found = _with_line(found, body.pop(0), listed)
    return found


def _with_line(found: list[LogCommand], line: Line, listed: bool) -> list[LogCommand]:
    row, entry = cells(line), item(line)
    if row:
        return found + _of_row(row)
    if line.blank or line.code:
        return found
    text = entry.text if entry else line.text.strip()
    if says_none(text):
        return found
    if not listed:
        return (
            found + _of_text(text, sure=False)
            if any(_is_command(s[2]) for s in SPAN.finditer(text))
            else found
        )
    if entry and entry.indent >= 2 and found and found[-1].result is None and not _is_command(text):
        said = re.sub(
            r"^(?:\*\*)?(?:result|output|status|outcome)(?:\*\*)?:(?:\*\*)?\s*", "", text, flags=re.I
        )
        return [*found[:-1], LogCommand(command=found[-1].command, result=said)]
    return found + _of_text(text, sure=entry is not None)


def _of_row(row: tuple[str, ...]) -> list[LogCommand]:
    if is_table_rule(row) or plain(row[0]) in ("command", "commands", "check", "step"):
        return []
    place = next((i for i, cell in enumerate(row) if _is_command(cell)), None)
    if place is None:
        return []
    others = [cell for i, cell in enumerate(row) if i > place and cell]
    return [LogCommand(command=_bare(row[place]), result=_clean(" | ".join(others)))]


def _of_text(text: str, *, sure: bool) -> list[LogCommand]:
    """`` `cmd` - RESULT``, `` `a` (x), `b` → y``, `cmd (result)`. `sure`: the text is listed as a command."""
    spans = [span for span in SPAN.finditer(text) if _is_command(span[2]) or _leads(text, span)]
    if spans:
        ends = [*(span.start() for span in spans[1:]), len(text)]
        every = [
            LogCommand(command=_one(s[2]), result=_clean(text[s.end() : e]))
            for s, e in zip(spans, ends, strict=True)
        ]
        return _with_shared_result(every)
    if not sure and not _is_command(text):
        return []
    command, result = _divided(text)
    return [LogCommand(command=_bare(command), result=_clean(result))] if _bare(command) else []


def _leads(text: str, span: re.Match[str]) -> bool:
    """A code span that begins its text is the command, whatever program it names."""
    return not re.search(r"\w", text[: span.start()])


def _divided(text: str) -> tuple[str, str]:
    match = BARE_RESULT.search(text)
    return (text[: match.start()], text[match.end() :]) if match else (text, "")


def _with_shared_result(commands: list[LogCommand]) -> list[LogCommand]:
    """`` `a` and `b` - PASS``: a conjunction is no result; the next one is that of both."""
    done: list[LogCommand] = []
    following: str | None = None
    for each in reversed(commands):
        result = each.result
        if result is None or re.fullmatch(r"(?:and|then|&+|\+|,|;|\s)+", result, re.IGNORECASE):
            result = following
        following = result
        done.append(LogCommand(command=each.command, result=result))
    return done[::-1]


def _clean(text: str) -> str | None:
    """A result without the marks that lead to it: `- PASS`, `(passed)`, `→ 0 errors`, `: ok`."""
    said = re.sub(r"^\s*(?:→|=>|->|—|–|-|:)\s*", "", text.strip()).strip()
    said = re.sub(r"[\s,;]+$", "", said)
    said = re.sub(r"^[\s,;]+", "", said)
    whole = re.fullmatch(r"\(([^()]*)\)\.?", said)
    said = whole[1].strip() if whole else said
    return said or None


def _is_command(text: str) -> bool:
    words = _bare(text).removeprefix("$ ").split()
    while words and re.fullmatch(r"[A-Z_][A-Z0-9_]*=\S*|sudo|time", words[0]):
        words = words[1:]
    if not words:
        return False
    program = words[0].strip("`(").rpartition("/")[2] if not words[0].startswith("./") else ""
    return (words[0].startswith("./") and len(words[0]) > 2) or (
        program in PROGRAMS and (len(words) > 1 or program not in _ENGLISH)
    )


_ENGLISH = ("find", "make", "go", "test", "source", "export", "touch", "just", "http", "head", "diff", "time")


def _bare(text: str) -> str:
    return _one(text).strip("`* ").strip()


def _one(text: str) -> str:
    return " ".join(text.split()).removeprefix("$ ")


# --- fences -----------------------------------------------------------------------------


def _fence(body: list[Line]) -> tuple[list[Line], list[Line]]:
    """The lines of the fence that a text begins with, its marks included, and the lines behind it."""
    mark = body[0].text.strip()[:3]
    end = next(
        (
            i
            for i, line in enumerate(body)
            if i and line.text.strip().startswith(mark) and not line.text.strip().strip(mark[0])
        ),
        len(body) - 1,
    )
    return body[: end + 1], body[end + 1 :]


def _with_fence(found: list[LogCommand], block: list[Line]) -> list[LogCommand]:
    info = block[0].text.strip().strip("`~").split()
    rows = [line.text.strip() for line in block[1:-1]] if len(block) > 1 else []
    shell = bool(info) and info[0].casefold() in SHELLS
    prompted = any(row.startswith("$ ") for row in rows)
    looks_like_commands = bool(rows) and _is_command(next((row for row in rows if row and row[0] != "#"), ""))
    if shell or prompted or (not info and looks_like_commands):
        return found + list(_of_shell(rows, prompted))
    output = "\n".join(row for row in rows if row)
    if (
        found
        and found[-1].result is None
        and output
        and (not info or info[0] in ("text", "txt", "output", "log"))
    ):
        return [*found[:-1], LogCommand(command=found[-1].command, result=output)]
    return found


def _of_shell(rows: list[str], prompted: bool) -> Iterator[LogCommand]:
    """With `$` prompts the other lines are output; a comment above a command may tell its result."""
    command, told, output = "", None, list[str]()
    comment: str | None = None
    for row in _joined(rows):
        if row.startswith("#"):
            comment = row.lstrip("# ") if OUTCOME.search(row) else comment
        elif command and (row[0] in OUTPUT_MARKS or (prompted and not row.startswith("$ "))):
            output.append(row)
        else:
            if command:
                yield LogCommand(command=command, result="\n".join(output) or told)
            command, _, behind = _one(row).partition(" # ")
            told, comment, output = behind.strip() or comment, None, []
    if command:
        yield LogCommand(command=command, result="\n".join(output) or told)


def _joined(rows: list[str]) -> list[str]:
    """Without blank rows, those that end with a backslash with what goes on."""
    text = re.sub(r"[ \t]*\\\n[ \t]*", " ", "\n".join(rows))
    return [row for row in text.split("\n") if row.strip()]
