"""The token numbers of a log: the worker's summary, or a table of what was read and written (SPEC 12)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

from core.domain import value
from core.markdown import Line, cells, is_table_rule, item, plain

Side: TypeAlias = Literal["input", "output"]
SIDES: tuple[Side, Side] = ("input", "output")

NUMBER = re.compile(
    r"(?<![\w.-])(\d{1,3}(?:[,_ ]\d{3})+|\d{1,13})(?:\.(\d{1,9}))?(?:\s*([kKmM])\b)?(?!\w|\.\d|%)"
)
_WORDS = r"(?:total|worker|estimated|est\.?|tokens?|used|estimate)"
STATED = re.compile(
    rf"(?:{_WORDS} )*(?P<side>input|output|in|out|read|written|prompt|completion)(?: {_WORDS})*"
    r"(?: ?\([^()]*\))?"
)
TOGETHER = re.compile(r"(?:(?:total|estimated|est\.?) )?tokens?(?: used)?")
_AMOUNT = r"(~?\d[\d,._]{0,15}\s?(?:[kKmM]\b)?)"
_WHICH = r"(input|output|in|out)\b"
BEHIND = re.compile(rf"{_AMOUNT}\s?(?:tokens?\s?)?\(?{_WHICH}", re.IGNORECASE)
AHEAD = re.compile(rf"\b{_WHICH}(?: tokens?)?[\s:=~≈(]{{1,4}}{_AMOUNT}", re.IGNORECASE)
IN_TOKENS = re.compile(rf"{_AMOUNT}\s?tokens?\b", re.IGNORECASE)
INPUTS = ("input", "in", "read", "prompt")


@value
class TokenNumbers:
    input: int | None = None
    output: int | None = None

    @property
    def known(self) -> bool:
        return self.input is not None or self.output is not None


def number_in(text: str) -> int | None:
    """The first number of a text: `~4,200 tokens`, `12000`, `105k`, `1.2M`."""
    match = NUMBER.search(text[:400])
    if not match:
        return None
    whole, part, unit = match.groups()
    digits = re.sub(r"\D", "", whole)
    factor = {"k": 1_000, "m": 1_000_000}.get((unit or "").casefold(), 1)
    return round(float(f"{digits}.{part or 0}") * factor) if len(digits) <= 12 else None


def token_numbers(lines: Sequence[Line], *, about_tokens: bool) -> TokenNumbers:
    """What a section says. `about_tokens`: its heading says that its numbers are tokens."""
    found = _of_lines(lines, about_tokens)
    return found if found.known else _of_table(lines, about_tokens)


def _of_lines(lines: Sequence[Line], about_tokens: bool) -> TokenNumbers:
    found: dict[Side, int] = {}
    for line in lines:
        text = _stated(line)
        if not about_tokens and "token" not in text.casefold():
            continue
        name, _, said = text.partition(":")
        label = plain(name)
        stated = STATED.fullmatch(label)
        in_tokens = IN_TOKENS.search(said) if stated else None
        number = number_in(in_tokens[1] if in_tokens else said) if stated else None
        if stated and number is not None:
            found.setdefault(_side(stated["side"]), number)
        elif TOGETHER.fullmatch(label):
            pairs = AHEAD.findall(said)
            for word, amount in pairs or [(word, amount) for amount, word in BEHIND.findall(said)]:
                found.setdefault(_side(word), number_in(amount) or 0)
    return TokenNumbers(input=found.get("input"), output=found.get("output"))


def _side(word: str) -> Side:
    return "input" if word.casefold() in INPUTS else "output"


def _stated(line: Line) -> str:
    """The text of a line that may state numbers, without marks; "" for others."""
    if line.code or cells(line) or len(line.text) > 1000:
        return ""
    entry = item(line)
    return re.sub(r"\*\*|__|`", "", entry.text if entry else line.text.strip())


def _of_table(lines: Sequence[Line], about_tokens: bool) -> TokenNumbers:
    """A row that gives the total of each side, else a column for each."""
    rows = [row for line in lines if (row := cells(line)) and not is_table_rule(row)]
    if len(rows) < 2 or not (about_tokens or any("token" in cell.casefold() for cell in rows[0])):
        return TokenNumbers()
    header, body = [plain(cell) for cell in rows[0]], rows[1:]
    totals = {side: _of_row(body, side) for side in SIDES}
    if any(number is not None for number in totals.values()):
        return TokenNumbers(**totals)
    return TokenNumbers(**{side: _of_column(header, body, side) for side in SIDES})


def _of_row(rows: list[tuple[str, ...]], side: Side) -> int | None:
    """`| **Total input** | — | ~28,675 | ~7,168 |`: the last number is that of the tokens."""
    named = re.compile(rf"(?:total )?{side}s?(?: tokens?| total)?")
    row = next((row for row in rows if named.fullmatch(plain(row[0]))), ())
    return next((number for cell in reversed(row[1:]) if (number := number_in(cell)) is not None), None)


def _of_column(header: list[str], rows: list[tuple[str, ...]], side: Side) -> int | None:
    """The total of a column: as it stands there, else the sum."""
    place = next(
        (i for i, title in enumerate(header) if re.fullmatch(rf"{side}s?(?: tokens?)?", title)), None
    )
    if place is None:
        return None
    cells_of = [(plain(row[0]), row[place]) for row in rows if place < len(row)]
    total = next((cell for name, cell in cells_of if "total" in name), None)
    if total is not None:
        return number_in(total)
    numbers = [number for _, cell in cells_of if (number := number_in(cell)) is not None]
    return sum(numbers) if numbers else None
