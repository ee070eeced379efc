"""The labels of a log entry, in the forms and synonyms that people use (SPEC 12)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, TypeAlias

from core.domain import value
from core.markdown import ITEM, Line, plain

FieldName: TypeAlias = Literal[
    "objective",
    "files",
    "summary",
    "reuse",
    "reused",
    "new",
    "why",
    "ports",
    "core",
    "adapters",
    "commands",
    "notes",
]

_AND = r"\s*(?:/|&|,|and|or)\s*"
_DONE = (
    r"(?:changed|modified|created|touched|verified|audited|updated|added|deleted|removed|affected|reviewed|edited"
    r"|inspected|checked|analy[sz]ed|written|generated|involved|renamed|moved|implemented)"
)
_TODO = r"(?:change|modify|create|touch|verify|audit|update|add|delete|remove|review|edit|check|inspect)"
_STAYED = r"(?:what )?(?:stayed |stays |remains |is )?(?:in )?(?:the )?"
_NAMES: dict[FieldName, tuple[str, ...]] = {
    "objective": (r"objectives?|goals?|purpose",),
    "files": (
        rf"(?:(?:new|existing|key|test|source|{_DONE}) )?files?",
        rf"files? {_DONE}(?:{_AND}{_DONE})*",
        rf"files? to {_TODO}(?:{_AND}{_TODO})*",
    ),
    "summary": (
        r"(?:summary|overview|description)(?: of (?:the )?(?:changes?|work|implementation))?",
        r"changes?(?: (?:made|summary))?|what (?:was )?(?:changed|done)",
        r"implementation(?: summary| details)?",
    ),
    "reuse": (r"re-?use(?:[ -](?:compliance|check|notes?|first|analysis|summary))*",),
    "reused": (r"re-?used(?: (?:packages|modules|code|components|from))?",),
    "new": (r"new(?: (?:code|created|packages?|modules?|components?))?|newly created",),
    "why": (r"why(?: (?:is |are |was |were )?(?:a )?(?:new|necessary|needed)\b.*)?",),
    "ports": (
        rf"(?:hexagonal |ports?{_AND})adapters?(?: (?:notes?|compliance|architecture))*",
        r"hexagonal(?: architecture)?(?: (?:notes?|compliance))?|architecture (?:note|compliance)",
    ),
    "core": (rf"{_STAYED}(?:core|domain)(?:/domain| logic| layer)?|ports?",),
    "adapters": (rf"{_STAYED}adapters?(?: layer)?",),
    "commands": (
        rf"commands?(?: (?:run|executed|used|ran))?(?:{_AND}results?)?",
        r"(?:executed|run|verification) commands?",
    ),
    "notes": (rf"(?:implementation )?notes?(?:{_AND}risks?)?", rf"risks?(?:{_AND}notes?)?"),
}
_FIELDS = {name: [re.compile(pattern) for pattern in patterns] for name, patterns in _NAMES.items()}
# Words that begin a label and nothing else: these count wherever a label can stand.
FIRM = re.compile(
    r"objectives?|files? .+|summary of .+|re-?use compliance|ports? ?(?:&|and|/) ?adapters?.*|commands? \w+"
    r"|notes? ?(?:/|and|&) ?risks?|what stayed in \w+|why new was necessary"
)
PART_OF: dict[FieldName, FieldName] = {
    "reused": "reuse",
    "new": "reuse",
    "why": "reuse",
    "core": "ports",
    "adapters": "ports",
}

_STRONG = re.compile(
    r"[^\w*_`|#]{0,6}(?:\*\*|__)(?P<label>[^*\n]{1,120}?)(?P<inside>:?)\s*(?:\*\*|__)"
    r"(?P<note>[ \t]*\([^()]*\))?(?P<outside>[ \t]*:)?(?P<rest>.*)",
    re.DOTALL,
)
_PLAIN = re.compile(r"(?P<label>[^\W\d_][^:\n`*|]{0,90}?)[ \t]*:(?=\s|$)(?P<rest>.*)", re.DOTALL)
_DASH = re.compile(r"\s*(?:-|–|—)\s")


@value
class Label:
    """`label` as it was written, without marks; `field` is what it means, None where it is not known.

    `indent` is that of the line; `item` says that it begins a list item, `strong` that it is bold, `level`
    that it is a heading.
    """

    label: str
    field: FieldName | None
    rest: str
    indent: int = 0
    item: bool = False
    strong: bool = False
    level: int = 0

    @property
    def firm(self) -> bool:
        return FIRM.fullmatch(normal(self.label)) is not None


def normal(label: str) -> str:
    """A label for comparing: lower case, no marks, no brackets (`Objective (maps to AC)` is `objective`)."""
    return " ".join(re.sub(r"\([^()]*\)", "", plain(label)).split()).strip(" :")


@lru_cache(maxsize=4096)
def field_named(label: str) -> FieldName | None:
    """What a label means. `Changes (round 2)` is no summary: it is written beneath an entry."""
    if "(round " in label:
        return None
    text = normal(label)
    return next(
        (name for name, forms in _FIELDS.items() if any(form.fullmatch(text) for form in forms)), None
    )


def label_of(line: Line) -> Label | None:
    """The label that a line begins with: `- L:`, `**L**:`, `- **L**:`, `- **L:**`, `L:`."""
    entry = ITEM.fullmatch(line.text)
    text = entry[4] if entry else line.text.strip()
    found = _strong(text) or _plain(text)
    if found is None:
        return None
    label, rest, strong = found
    before = entry[1] if entry else line.text[: len(line.text) - len(line.text.lstrip())]
    return Label(
        label=label,
        field=field_named(label),
        rest=rest,
        indent=len(before.expandtabs(4)),
        item=entry is not None,
        strong=strong,
    )


def _strong(text: str) -> tuple[str, str, bool] | None:
    match = _STRONG.match(text) if "**" in text or "__" in text else None
    if not match:
        return None
    label, rest = match["label"].strip() + (match["note"] or ""), match["rest"]
    if match["inside"] or match["outside"]:
        return label, rest.strip(), True
    dash = _DASH.match(rest)
    if field_named(label) and (dash or not rest.strip()):
        return label, rest[dash.end() :].strip() if dash else "", True
    return None


def _plain(text: str) -> tuple[str, str, bool] | None:
    match = _PLAIN.match(text)
    return (match["label"].strip(), match["rest"].strip(), False) if match else None


def heading_label(title: str, level: int) -> Label:
    """`### Files changed`, `### Objective: text`. What it does not know is a label all the same."""
    label, colon, rest = title.partition(":")
    if not (colon and field_named(label)):
        label, rest = title.rstrip(" :"), ""
    return Label(label=label.replace("**", ""), field=field_named(label), rest=rest.strip(), level=level)
