"""The commands of a log entry, each with the result that stands behind it (SPEC 12)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.domain import value
from core.logs.log_shell import ShellCommand, begins_fence, commands_of_fence, is_command, one_command
from core.logs.log_words import says_none
from core.markdown import Line, cells, is_table_rule, item, plain

SPAN = re.compile(r"(?<!`)``(?!`)(.+?)(?<!`)``(?!`)|`([^`\n]+)`")
BARE_RESULT = re.compile(
    r"\s+(?:→|=>|->|—|–|-)\s+(?=\S)|\s+(?=\([^()]*\)\s*$)"
    r"|:\s+(?=[^\s\w]*(?:pass|fail|ok\b|success|error|done))",
    re.IGNORECASE,
)
LED_BY = re.compile(r"[\s,;]*(?:(?:→|=>|->|—|–|-|:)\s*)?")
SAID_BENEATH = re.compile(r"(?:\*\*)?(?:result|output|status|outcome)(?:\*\*)?:(?:\*\*)?\s*", re.IGNORECASE)
CONJUNCTION = re.compile(r"(?:and|then|&+|\+|,|;|\s)+", re.IGNORECASE)
FAILED = re.compile(
    r"\bfail(?:ed|s|ing|ure)?\b|\berror(?:s|ed)?\b|❌|✗|✘|\bexit (?:code )?[1-9]", re.IGNORECASE
)
NO_FAILURE = re.compile(
    r"\b(?:0|no|zero|without) (?:\w+ )?(?:fail\w*|errors?)\b|\bpre-?existing\b[^,;]*"
    r"|\bafter fixing\b.*|\bfixed\b",
    re.IGNORECASE,
)
LONGEST = 4000


@value
class LogCommand:
    """A command and what the log says of its result, None where it says nothing."""

    command: str
    result: str | None = None

    @property
    def ok(self) -> bool | None:
        """Whether its result says that it went well; None where there is no result."""
        return None if self.result is None else not tells_failure(self.result)


def tells_failure(result: str) -> bool:
    """`1 failed`, but not `0 errors` or `57 passed, 1 pre-existing failure`."""
    return FAILED.search(NO_FAILURE.sub("", result)) is not None


def commands_in(inline: str, lines: Sequence[Line], *, listed: bool = True) -> list[LogCommand]:
    """The commands behind a label: on its line, as items, in a shell fence, in a table.

    `listed` False: the lines are any text, and only what names a program in backticks is a command.
    """
    found = [] if says_none(inline) else _of_text(inline, sure=False)
    place = 0
    while place < len(lines):
        if begins_fence(lines[place]):
            block, place = _fence(lines, place)
            found = _with_fence(found, block)
        else:
            found = _with_line(found, lines[place], listed)
            place += 1
    return found


def _with_line(found: list[LogCommand], line: Line, listed: bool) -> list[LogCommand]:
    row, entry = cells(line), item(line)
    if row:
        return found + _of_row(row)
    text = entry.text if entry else line.text.strip()
    if line.code or not text or says_none(text):
        return found
    if not listed:
        return found + (_of_text(text, sure=False) if _has_program(text) else [])
    said = SAID_BENEATH.match(text)
    beneath = said or (entry is not None and entry.indent >= 2 and not is_command(text))
    if beneath and found and found[-1].result is None:
        return _with_result(found, text[said.end() :] if said else text)
    return found + _of_text(text, sure=entry is not None)


def _with_result(found: list[LogCommand], result: str) -> list[LogCommand]:
    return [*found[:-1], LogCommand(command=found[-1].command, result=result)]


def _of_row(row: tuple[str, ...]) -> list[LogCommand]:
    place = next((i for i, cell in enumerate(row) if is_command(cell)), None)
    if place is None or is_table_rule(row) or plain(row[0]) in ("command", "commands"):
        return []
    result = " | ".join(cell for cell in row[place + 1 :] if cell)
    return [LogCommand(command=one_command(row[place]), result=_clean(result))]


def _of_text(text: str, *, sure: bool) -> list[LogCommand]:
    """`` `cmd` - RESULT``, `` `a` (x), `b` → y``, `cmd (result)`. `sure`: it is listed as a command."""
    text = text[:LONGEST]
    spans = [span for span in SPAN.finditer(text) if is_command(span_text(span)) or _leads(text, span)]
    if spans:
        ends = [*(span.start() for span in spans[1:]), len(text)]
        return _with_shared_result(
            [
                LogCommand(command=one_command(span_text(span)), result=_clean(text[span.end() : end]))
                for span, end in zip(spans, ends, strict=True)
            ]
        )
    command, result = _divided(text) if sure or is_command(text) else ("", "")
    name = one_command(command)
    return [LogCommand(command=name, result=_clean(result))] if name else []


def span_text(span: re.Match[str]) -> str:
    """What stands in a code span."""
    return span[1] if span[1] is not None else span[2]


def _has_program(text: str) -> bool:
    return any(is_command(span_text(span)) for span in SPAN.finditer(text[:LONGEST]))


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
        shared = each.result is None or CONJUNCTION.fullmatch(each.result)
        following = following if shared else each.result
        done.append(LogCommand(command=each.command, result=following))
    return done[::-1]


def _clean(text: str) -> str | None:
    """A result without the marks that lead to it: `- PASS`, `(passed)`, `→ 0 errors`, `: ok`."""
    said = LED_BY.sub("", text, count=1).rstrip(" ,;\t\n")
    whole = re.fullmatch(r"\(([^()]*)\)\.?", said)
    return (whole[1].strip() if whole else said) or None


# --- fences -----------------------------------------------------------------------------


def _fence(lines: Sequence[Line], start: int) -> tuple[Sequence[Line], int]:
    """The lines of the fence that begins at `start`, its marks included, and where the next line is."""
    mark = lines[start].text.strip()[:3]
    for place in range(start + 1, len(lines)):
        text = lines[place].text.strip()
        if text.startswith(mark) and not text.strip(mark[0]):
            return lines[start : place + 1], place + 1
    return lines[start:], len(lines)


def _with_fence(found: list[LogCommand], block: Sequence[Line]) -> list[LogCommand]:
    """A shell fence has commands; one of plain text, right behind a command, its output."""
    run: list[ShellCommand] | None = commands_of_fence([line.text for line in block])
    if run is not None:
        return found + [LogCommand(command=each.command, result=each.said) for each in run]
    info = block[0].text.strip().strip("`~").split()
    output = "\n".join(line.text.strip() for line in block[1:-1] if not line.blank)
    is_output = output and (not info or info[0] in ("text", "txt", "output", "log"))
    if is_output and found and found[-1].result is None:
        return _with_result(found, output)
    return found
