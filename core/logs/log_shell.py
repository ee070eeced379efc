"""What is a command, and the commands of a shell fence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.domain import value
from core.markdown import Line

_NAMES = """
pnpm npm npx yarn bun bunx node deno tsc tsx vitest jest eslint prettier turbo nx biome oxlint playwright
cypress docker docker-compose psql git gh curl wget http make just cmake python python3 pip uv pytest mypy
pyright ruff go cargo rustc java mvn gradle dotnet php composer ruby bundle rake rails terraform kubectl helm
aws gcloud az supabase prisma drizzle-kit vercel serverless sam cd ls cat grep rg sed awk find mkdir rm cp mv
touch chmod echo export source bash sh zsh sqlite3 redis-cli mongosh tail head wc diff
"""
PROGRAMS = frozenset(_NAMES.split())
# Words of English too: alone they are no command.
WORDS = frozenset(
    ("find", "make", "go", "source", "export", "touch", "just", "http", "head", "diff", "echo", "cat")
)
SHELLS = ("bash", "sh", "shell", "zsh", "console", "terminal", "shell-session", "cmd", "powershell")
OUTCOME = re.compile(
    r"\b(?:failed|succeeded|passed|pass|success(?:ful)?|ok|errors?|errored)\b|[✓✅❌✗]", re.IGNORECASE
)
OUTPUT_MARKS = "✓✔✅❌✗✘→×>"
ENVIRONMENT = re.compile(r"[A-Z_][A-Z0-9_]*=\S*|sudo|time")


@value
class ShellCommand:
    command: str
    said: str | None


def is_command(text: str) -> bool:
    """Whether a text begins with a program that developers run: `pnpm test`, `CI=1 ./run.sh`."""
    words = one_command(text[:400]).split()
    while words and ENVIRONMENT.fullmatch(words[0]):
        words = words[1:]
    if not words:
        return False
    if words[0].startswith("./"):
        return len(words[0]) > 2
    program = words[0].strip("(").rpartition("/")[2]
    return program in PROGRAMS and (len(words) > 1 or program not in WORDS)


def one_command(text: str) -> str:
    """A command on one line, without backticks around it and without its prompt."""
    line = " ".join(text.split()).strip("* ")
    quoted = re.fullmatch(r"`([^`]*)`", line)
    return (quoted[1] if quoted else line).strip().removeprefix("$ ").strip()


def begins_fence(line: Line) -> bool:
    return line.fence and line.text.strip().startswith(("```", "~~~"))


def commands_of_fence(rows: list[str]) -> list[ShellCommand] | None:
    """The commands of a fence, its marks included in `rows`; None when it holds something else."""
    info = rows[0].strip().strip("`~").split()
    body = [row.strip() for row in rows[1:-1]]
    prompted = any(row.startswith("$ ") for row in body)
    first = next((row for row in body if row and row[0] != "#"), "")
    if prompted or (info and info[0].casefold() in SHELLS) or (not info and is_command(first)):
        return list(_run(body, prompted))
    return None


def _run(rows: list[str], prompted: bool) -> Iterator[ShellCommand]:
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
                yield ShellCommand(command=command, said="\n".join(output) or told)
            command, _, behind = one_command(row).partition(" # ")
            told, comment, output = behind.strip() or comment, None, []
    if command:
        yield ShellCommand(command=command, said="\n".join(output) or told)


def _joined(rows: list[str]) -> list[str]:
    """Without blank rows, those that end with a backslash with what goes on."""
    text = re.sub(r"[ \t]*\\\n[ \t]*", " ", "\n".join(rows))
    return [row for row in text.split("\n") if row.strip()]
