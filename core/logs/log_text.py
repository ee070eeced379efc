"""Other people's text inside a log of ours: it keeps its words and loses the power to forge structure.

A worker's text stands indented under its label. A line of it that would read as a heading, a fence, a label
or a signal is escaped with the backslash that Markdown itself renders as nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from core.untrusted import visible

LIST_MARK = r"(?:[-*+]|\d{1,9}[.)])\s"
PREFIX = re.compile(rf"\s*(?:(?:{LIST_MARK}|>)\s*)*")
LABEL_WORDS = (
    r"(?:objective|files?|summary|reused?|new|why|ports|what stayed|core|adapters?|commands?|notes?|risks?"
    r"|check|fix (?:attempt|chunk)|changes|rules?|scope|decisions?|review|reverted|undone|input|output"
    r"|measured|cost|commit|chunk|context|options|recommendation|diagnostics|blocked|stopped|failed|status)\b"
)
# Headings in all forms (also underlined, or a bold line), fences, bold labels.
STRUCTURE = re.compile(rf"#{{1,6}}(?:\s|$)|```|~~~|(?:=+|-+)\s*$|(?:\*\*|__)\s*{LABEL_WORDS}", re.IGNORECASE)
LABEL = re.compile(rf"[*_`\s]*{LABEL_WORDS}[^:]{{0,60}}:", re.IGNORECASE)
SIGNAL = re.compile(r"[\W_]*[A-Z]+ (?:COMPLETE|PARTIAL)[\W_]*")


def one_line(text: str) -> str:
    """`text` as one line of visible characters, runs of white space as one space."""
    return " ".join(visible(text).split())


def path_text(path: str) -> str:
    """A path as it stands in a list: every character of it, and never more than one line."""
    return visible(path, keep_newlines=False)


def code(text: str) -> str:
    """A code span that `text` can't get out of."""
    shown = one_line(text)
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    if not longest:
        return f"`{shown}`"
    fence = "`" * (longest + 1)
    return f"{fence} {shown} {fence}"


def text_lines(text: str) -> list[str]:
    """The lines of `text`, visible, without blank ones, not yet disarmed."""
    shown = visible(text.replace("\r\n", "\n"))
    return [line.rstrip() for line in shown.split("\n") if line.strip()]


def disarm(line: str) -> str:
    """`line` so that it can stand on a line of its own, and be nothing but text or a list item."""
    if SIGNAL.fullmatch(line):
        return f'"{line.strip()}"'
    prefix = PREFIX.match(line)
    start = prefix.end() if prefix else 0
    lead, rest = line[:start], line[start:]
    if STRUCTURE.match(rest):
        return f"{lead}\\{rest}"
    if LABEL.match(rest):
        return lead + rest.replace(":", "\\:", 1)
    return line


def labelled(label: str, text: str, indent: int = 0) -> list[str]:
    """`- Label: text`, the text's further lines indented beneath; `None` where there is no text.

    A text that begins with a list stands beneath its label as a whole.
    """
    lines = text_lines(text) or ["None"]
    pad = " " * indent
    if len(lines) > 1 and re.match(LIST_MARK, lines[0]):
        return [f"{pad}- {label}:", *_beneath(lines, indent)]
    return [f"{pad}- {label}: {lines[0]}", *_beneath(lines[1:], indent)]


def item(text: str, indent: int) -> list[str]:
    """`text` as one list item, further lines indented beneath."""
    lines = text_lines(text) or ["None"]
    return [f"{' ' * indent}- {disarm(lines[0].lstrip())}", *_beneath(lines[1:], indent)]


def items(label: str, texts: Iterable[str], indent: int = 0) -> list[str]:
    """`- Label:` and an item for each text; on one line when there is only one, or `None`."""
    kept = [text for text in texts if text.strip()]
    if len(kept) <= 1:
        return labelled(label, kept[0] if kept else "", indent)
    return [f"{' ' * indent}- {label}:", *(line for text in kept for line in item(text, indent + 2))]


def bounded(texts: Iterable[str], most: int = 20) -> list[str]:
    """The first `most` texts, then one that says how many more there are."""
    every = list(texts)
    more = [f"and {len(every) - most} more"] if len(every) > most else []
    return every[:most] + more


def _beneath(lines: list[str], indent: int) -> list[str]:
    return [f"{' ' * (indent + 2)}{disarm(line)}" for line in lines]
