"""Where a plan's steps are. People write them in many forms; the clearest form that is there counts.

In order: `### Step 1` (or Chunk, Task), `**Step 1**`, `### 1.1` and `### A1`, `### 1.` among the steps,
`**A1**` and `| A1 |`, phases, and at last the numbered list of the section that holds the steps.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from core.domain import value
from core.markdown import Document, Heading, Line, cells, item, plain

ID = r"\d+(?:\.\d+)*[a-z]?(?:[-–]\d+)?|[A-Z]\d*(?:\.\d+)*"
_GAP = r"(?:\s*[:.)–—-]+\s*|\s+|$)"
WORDED = re.compile(rf"\W*(?i:(step|chunk|task)s?)\s+#?({ID})(?!\w)(?:\s*\([^()]*\)(?=\s*:))?{_GAP}(.*)")
PHASE = re.compile(rf"\W*(?i:(?:phase|stage|milestone|part|iteration))\s+#?({ID}|[IVX]+)(?!\w){_GAP}(.*)")
DOTTED = re.compile(rf"\W*(\d+(?:\.\d+)+[a-z]?|[A-Z]\d+(?:\.\d+)*)(?![\w-]){_GAP}(\S.*)")
NUMBERED = re.compile(r"\W*(\d+)[.):]\s+(\S.*)")
BOLD = re.compile(
    r"[ \t]*(?:(?:[-*+]|\d+[.)])[ \t]+)?(?:\[[ xX]\][ \t]*)?\*\*([^*\n]+)\*\*[ \t]*:?[ \t]*(.*)"
)
MOST_STEPS = 1000
STEPS_SECTION = re.compile(
    r"\b(?:steps?|implementation|plan|phases?|tasks|chunks|work breakdown|approach|sequence|order)\b"
)
# Sections whose numbered parts are not the plan's steps.
ELSEWHERE = re.compile(
    r"^(?:\w+ )?(?:tests?|testing|verification|validation|qa)\b|\btest (?:plan|cases)\b|\brollback\b|"
    r"\brisks?\b|\bdecisions?\b|^architectur|\bacceptance\b|\breuse\b|^files?\b|^dependenc|\bout of scope\b|"
    r"^non-?goals?\b|\bstop conditions\b|\bblockers?\b|^(?:\w+ )?notes?\b|^estimat|\btokens?\b|^environment|"
    r"\bdefinition of done\b|^appendix\b|^alternatives\b|\bopen questions\b|^demo\b|^background\b|^context\b|"
    r"^overview\b|^summary\b|\blessons\b|\breproduc|^scope\b|^goals?\b"
)


@value
class Found:
    """A step's place: its text is the lines `line` to `end`. `word` is how it calls itself."""

    id: str
    title: str
    line: int
    end: int
    word: str = ""
    outside: str | None = None


def find_steps(document: Document) -> tuple[list[Found], list[str]]:
    """The steps in the order of the file, each with an id of its own, and warnings."""
    for form in FORMS:
        found = list(islice(form(document), MOST_STEPS + 1))
        if steps := _without_other_sections(found[:MOST_STEPS]):
            own, warnings = _with_own_ids(_cut_at_next(_outermost(steps)), document)
            cut = [f"more than {MOST_STEPS} steps; the rest is not read"] if found[MOST_STEPS:] else []
            return own, warnings + cut
    return [], []


# --- the forms --------------------------------------------------------------------------


def _worded_headings(document: Document) -> Iterator[Found]:
    for heading in document.headings:
        if match := WORDED.fullmatch(bare(heading.title)):
            yield _of_heading(document, heading, match[2], match[3], match[1].casefold())


def _worded_lines(document: Document) -> Iterator[Found]:
    for line in document.lines:
        match = None if line.code else BOLD.fullmatch(line.text)
        if match and (worded := WORDED.fullmatch(match[1].rstrip(" :"))):
            title = worded[3] or match[2].lstrip(" -–—:")
            yield _of_line(document, line.number, worded[2], title, worded[1].casefold())


def _dotted_headings(document: Document) -> list[Found]:
    """`### 1.1 Title`, `### A1: Title`; one alone is a coincidence (`### S3 upload`)."""
    matches = ((heading, DOTTED.fullmatch(bare(heading.title))) for heading in document.headings)
    found = [_of_heading(document, heading, m[1], m[2]) for heading, m in matches if m]
    return found if len(found) > 1 else []


def _numbered_headings(document: Document) -> list[Found]:
    """`### 1. Title` beneath a heading that speaks of steps; else right beneath the document's title,
    unless these are the sections of a numbered document (`## 1. Overview`)."""
    matches = [(h, m) for h in document.headings if (m := NUMBERED.fullmatch(bare(h.title)))]
    within = [
        (h, m) for h, m in matches if any(STEPS_SECTION.search(plain(p)) for p in document.within(h.parents))
    ]
    if not within and not any(ELSEWHERE.search(plain(h.title)) for h, _ in matches):
        within = [(h, m) for h, m in matches if not document.within(h.parents)]
    return [_of_heading(document, heading, m[1], m[2]) for heading, m in within]


def _dotted_lines(document: Document) -> list[Found]:
    """`**A1**: x`, `- [ ] 1.1 x` and table rows that begin with such an id; one alone is a coincidence."""
    found = []
    for line in document.lines:
        text = None if line.code else _entry(line)
        if text and (match := DOTTED.fullmatch(bare(text))):
            found.append(_of_line(document, line.number, match[1], match[2]))
    return found if len(found) > 1 else []


def _entry(line: Line) -> str | None:
    """The text of a list item, of a table row's first two cells, or of a line that begins in bold."""
    row, entry = cells(line), item(line)
    if row:
        return f"{row[0]} {row[1]}" if len(row) > 1 else None
    return entry.text if entry else line.text if line.text.lstrip().startswith("**") else None


def _phases(document: Document) -> Iterator[Found]:
    for heading in document.headings:
        if match := PHASE.fullmatch(bare(heading.title)):
            yield _of_heading(document, heading, match[1], match[2], "phase")


def _numbered_lines(document: Document) -> Iterator[Found]:
    """The outermost `1.` items and `| 1 |` rows of the first section that is about steps and has some."""
    for heading in document.headings:
        title = plain(heading.title)
        if not re.search(r"\bsteps?\b|\btasks\b|\bstep-by-step\b|\bchunks\b|\bimplementation\b", title):
            continue
        if heading.line == 1 or ELSEWHERE.search(title):
            continue
        found = list(_numbered_in(document, heading))
        if found:
            yield from found
            return


def _numbered_in(document: Document, section: Heading) -> Iterator[Found]:
    for line in document.part(section.line + 1, section.end):
        entry, row = item(line), cells(line)
        if entry and entry.number and entry.indent < 2:
            yield _of_line(document, line.number, entry.number, entry.text)
        elif row and len(row) > 1 and re.fullmatch(r"\d{1,3}", row[0]):
            yield _of_line(document, line.number, row[0], row[1])


FORMS: tuple[Callable[[Document], Iterable[Found]], ...] = (
    _worded_headings,
    _worded_lines,
    _dotted_headings,
    _numbered_headings,
    _dotted_lines,
    _phases,
    _numbered_lines,
)


# --- one step's place -------------------------------------------------------------------


def bare(text: str) -> str:
    """A title without emphasis, keeping what is in backticks."""
    return text.replace("**", "").strip()


def _of_heading(document: Document, heading: Heading, id_: str, title: str, word: str = "") -> Found:
    return Found(
        id=id_,
        title=_title(title, heading.title),
        line=heading.line,
        end=heading.end,
        word=word,
        outside=_other_section(heading.parents, document),
    )


def _of_line(document: Document, line: int, id_: str, title: str, word: str = "") -> Found:
    return Found(
        id=id_,
        title=_title(title, id_),
        line=line,
        end=document.next_heading(line) - 1,
        word=word,
        outside=_other_section(document.around(line), document),
    )


def _title(title: str, otherwise: str) -> str:
    return bare(title).strip(" :") or bare(otherwise)


def _other_section(titles: tuple[str, ...], document: Document) -> str | None:
    """The section around a step that is not about steps."""
    for title in document.within(titles):
        named = WORDED.fullmatch(bare(title)) or PHASE.fullmatch(bare(title))
        if not named and ELSEWHERE.search(plain(title)):
            return title
    return None


# --- which of them count ----------------------------------------------------------------


def _without_other_sections(steps: list[Found]) -> list[Found]:
    """Drops the steps of a test plan and the like. `Step 9` beneath a heading "Testing" that goes on
    counting where the others end is a step of the plan all the same."""
    own = {s.id for s in steps if s.outside is None}
    foreign = {s.outside for s in steps if s.outside is not None and (not own or s.id in own)}
    return [s for s in steps if s.outside not in foreign]


def _outermost(steps: list[Found]) -> list[Found]:
    """`Step 1.1` inside `Step 1` is part of it; a chunk that holds steps (or the reverse) groups them."""
    kept: list[Found] = []
    for step in steps:
        around = next((k for k in reversed(kept) if k.line < step.line <= k.end), None)
        if around and around.word == step.word and re.match(rf"{re.escape(around.id)}(?:\.|[a-z]$)", step.id):
            continue
        if around and around.word != step.word:
            kept.remove(around)
        kept.append(step)
    return kept


def _cut_at_next(steps: list[Found]) -> list[Found]:
    ends = [following.line - 1 for following in steps[1:]] + [10**9]
    return [
        Found(id=s.id, title=s.title, line=s.line, end=min(s.end, end), word=s.word)
        for s, end in zip(steps, ends, strict=True)
    ]


def _with_own_ids(steps: list[Found], document: Document) -> tuple[list[Found], list[str]]:
    """Phases that each count from 1 give `1.1`, `2.1`; any other id that comes twice gets `-2`."""
    counts = Counter(s.id for s in steps)
    repeated = {id_ for id_, n in counts.items() if n > 1}
    if not repeated:
        return steps, []
    phases = [(h, m[1]) for h in document.headings if (m := PHASE.fullmatch(bare(h.title)))]
    taken: set[str] = set()
    renamed: list[Found] = []
    for step in steps:
        phase = next((name for h, name in phases if h.line < step.line <= h.end), None)
        id_ = f"{phase}.{step.id}" if phase and step.id in repeated else step.id
        times = 1
        own = id_
        while own in taken:
            times += 1
            own = f"{id_}-{times}"
        taken.add(own)
        renamed.append(Found(id=own, title=step.title, line=step.line, end=step.end, word=step.word))
    return renamed, [
        f"steps with the same id: {', '.join(sorted(repeated))}; they were given ids of their own"
    ]
