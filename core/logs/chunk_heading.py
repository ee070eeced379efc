"""`## Chunk 3 — name` in the forms that people write it."""

from __future__ import annotations

import re

from core.domain import value

_ONE = r"\d{1,6}(?:\.\d{1,4})*[a-z]?|(?-i:[A-Z])\d{0,4}"
# A range; with spaces around its dash it needs a mark behind it (`Chunk 3 - 5 tests` is chunk 3).
_CLOSE = rf"(?:[-–—&,+](?:{_ONE}))+"
_WIDE = rf"(?:\s?(?:[-–—&,+]|to|through|and)\s?(?:chunk\s+)?(?:{_ONE}))+(?=\s*(?:[-–—:.)\]]|$))"
_KIND = (
    r"(?:(?:(?:bug|hot)?fix|backend|api|frontend|database|db|follow-?up|additional|extra|final|review|qa)"
    r"(?:\s+(?:fix|cycle|iteration|round)){0,2}(?:\s+\d+)?(?:\s*[-–—:/,]\s*|\s+)"
    r"|(?:iteration|cycle|round|pass)\s+\d+\s*[-–—:/,]\s*)"
)
CHUNK = re.compile(
    rf"[^\w]{{0,8}}(?P<kind>{_KIND})?chunks?"
    rf"(?:\s*#?\s*\(?(?P<number>(?:{_ONE})(?:{_WIDE}|{_CLOSE})?)(?!\w)\)?(?P<total>(?:/|\s+of\s+)\d+)?)?"
    r"(?P<note>\s*\([^()]*\)(?=\s*[-–—:]))?"
    r"(?:(?P<divided>\s*[-–—:.|)\]]+\s*)|\s+|$)(?P<name>.*)",
    re.IGNORECASE | re.DOTALL,
)
# `Chunk 3 verification` is about a chunk; `Chunk 3: verification` is one.
ABOUT = re.compile(
    r"(?:is |was )?(?:verification|verified|status|summary|notes?|review(?:ed)?|results?|complet\w+|done"
    r"|fix(?:es)?(?: attempt.*)?|checks?|type.?checks?|details|log|follow-?up)\W*",
    re.IGNORECASE,
)
LONGEST = 400


@value
class ChunkHeading:
    """`number` is an int, else the text that stands there (`7-9`, `2a`), None where there is none. `name` is
    as it was written; `heading` the whole title where it says more than both."""

    number: int | str | None
    name: str
    heading: str = ""


def chunk_heading(title: str) -> ChunkHeading | None:
    """What a heading's text says of a chunk, or None: then it is about something else."""
    title = title[:LONGEST]
    match = CHUNK.fullmatch(_without_marks(title)) if "hunk" in title.casefold() else None
    if not match or not _is_one(match):
        return None
    name = _name(title, match)
    says_more = bool(match["kind"] or match["note"] or match["total"])
    return ChunkHeading(
        number=_number(match["number"]),
        name=name or ("" if match["number"] else match[0].strip()),
        heading=title if says_more else "",
    )


def _is_one(match: re.Match[str]) -> bool:
    name, divided = match["name"].strip(), match["divided"] is not None
    if match["number"] is None:  # only `Fix Chunk` does without a number
        return bool(match["kind"] and "fix" in match["kind"].casefold()) and (divided or not name)
    if match["number"][0].isupper() and not divided and name:
        return False
    return divided or not ABOUT.fullmatch(name)


def _number(text: str | None) -> int | str | None:
    if text is None:
        return None
    if text.isdigit():
        return int(text)
    return re.sub(r"\s*[-–—]\s*|\s+(?:to|through)\s+", "-", " ".join(text.split()), flags=re.IGNORECASE)


def _name(title: str, match: re.Match[str]) -> str:
    """The name with its own marks: the shortest end of the title that reads as it."""
    bare = match["name"].strip()
    if title.endswith(bare):
        return bare
    ends = (title[start:].strip() for start in range(len(title) - len(bare), -1, -1))
    marked = next((end for end in ends if _without_marks(end).strip() == bare), bare)
    return re.sub(r"^(?:\*\*|__)\s*|(?:\*\*|__)$", "", marked).strip()


def _without_marks(text: str) -> str:
    return text.replace("**", "").replace("__", "").replace("`", "")
