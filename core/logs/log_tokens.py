"""The token numbers of a log: the worker's summary, or a table of what was read and written (SPEC 12)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.domain import value
from core.markdown import Line, cells, is_table_rule, item, plain

NUMBER = re.compile(r"(?<![\w.-])(\d{1,3}(?:[,_ ]\d{3})+|\d+)(?:\.(\d+))?(?:\s*([kKmM])\b)?(?!\w|\.\d|%)")
_SIDE = r"(?P<side>input|output|in|out|read|written|prompt|completion)"
STATED = re.compile(
    rf"(?:(?:total|worker|estimated|est\.?|tokens?|used) ?)*{_SIDE}(?: ?(?:tokens?|used|estimate|total))*(?: ?\([^()]*\))?"
)
BEHIND = re.compile(
    r"(~?\s*\d[\d,._]*\s*[kKmM]?)\s*(?:tokens?\s*)?(?:\(?(input|output|in|out)\b)", re.IGNORECASE
)
INPUTS = ("input", "in", "read", "prompt")
LARGEST = 10**12


@value
class TokenNumbers:
    input: int | None = None
    output: int | None = None

    @property
    def known(self) -> bool:
        return self.input is not None or self.output is not None


def number_in(text: str) -> int | None:
    """The first number of a text: `~4,200 tokens`, `12000`, `105k`, `1.2M`."""
    match = NUMBER.search(text)
    if not match:
        return None
    whole, part, unit = match.groups()
    digits = re.sub(r"\D", "", whole)
    factor = {"k": 1_000, "m": 1_000_000}.get((unit or "").casefold(), 1)
    if len(digits) > 12:
        return None
    return min(round(float(f"{digits}.{part or 0}") * factor), LARGEST)


def token_numbers(lines: Sequence[Line], *, about_tokens: bool) -> TokenNumbers:
    """What a section says. `about_tokens`: its heading says that its numbers are tokens."""
    found = _of_lines(lines, about_tokens)
    return found if found.known else _of_table(lines, about_tokens)


def _of_lines(lines: Sequence[Line], about_tokens: bool) -> TokenNumbers:
    sides: dict[str, int] = {}
    for line in lines:
        text = _stated(line)
        if (
            line.code
            or cells(line)
            or not text
            or not (about_tokens or re.search(r"\btokens?\b", text, re.IGNORECASE))
        ):
            continue
        name, _, said = text.partition(":")
        stated = STATED.fullmatch(plain(name))
        number = number_in(said) if stated else None
        if stated and number is not None:
            sides.setdefault("input" if stated["side"] in INPUTS else "output", number)
        elif plain(name).startswith(("token", "total token", "estimated token")):
            for amount, side in BEHIND.findall(said):
                if (number := number_in(amount)) is not None:
                    sides.setdefault("input" if side.casefold() in INPUTS else "output", number)
    return TokenNumbers(input=sides.get("input"), output=sides.get("output"))


def _stated(line: Line) -> str:
    entry = item(line)
    return re.sub(r"\*\*|__|`", "", entry.text if entry else line.text.strip())


def _of_table(lines: Sequence[Line], about_tokens: bool) -> TokenNumbers:
    """A row that gives the total of each side; else columns for both sides, in the total's or the last row."""
    rows = [row for line in lines if (row := cells(line)) and not is_table_rule(row)]
    if len(rows) < 2 or not (about_tokens or any("token" in cell.casefold() for cell in rows[0])):
        return TokenNumbers()
    header = [plain(cell) for cell in rows[0]]
    totals = {
        side: next(
            (
                _last_number(row[1:])
                for row in rows[1:]
                if re.fullmatch(rf"(?:total )?{side}s?(?: tokens?| total)?", plain(row[0]))
            ),
            None,
        )
        for side in ("input", "output")
    }
    if any(number is not None for number in totals.values()):
        return TokenNumbers(**totals)
    return TokenNumbers(
        input=_of_column(header, rows[1:], "input"), output=_of_column(header, rows[1:], "output")
    )


def _last_number(row: Sequence[str]) -> int | None:
    return next((number for cell in reversed(row) if (number := number_in(cell)) is not None), None)


def _of_column(header: list[str], rows: list[tuple[str, ...]], side: str) -> int | None:
    place = next(
        (i for i, title in enumerate(header) if re.fullmatch(rf"{side}s?(?: tokens?)?", title)), None
    )
    if place is None:
        return None
    total = next((row for row in rows if "total" in plain(row[0])), None)
    if total is not None:
        return number_in(total[place]) if place < len(total) else None
    numbers = [number for row in rows if place < len(row) and (number := number_in(row[place])) is not None]
    return sum(numbers) if numbers else None
