"""The files that a plan names: in list items, inline, in tables and in drawn trees.

The scope guard lets the worker write what the plan names, so precision comes before recall: a route,
a package name or a code word is no file, and neither is a file that is only a pattern to follow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from core.markdown import Line, cells, is_table_rule, plain

CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\[\]\n]{0,200}\]\(([^()\s]{1,300})\)")
BRACKETS = re.compile(r"(?:^|(?<=\s))\([^()]*\)")
NOTE = re.compile(r"\s(?:-|–|—|→|=>|#)\s")
PLACE = re.compile(r"(?::\d+(?:[-:]\d+)?|#L\d+(?:-L?\d+)?)$")
SEGMENT = r"(?:[\w.@\-*?+,~$!\[\]{}]+|\([\w.\-]+\))"
PATH = re.compile(rf"(?:\./)?{SEGMENT}(?:/{SEGMENT})*/?")
EXTENSION = re.compile(r"[\w\]\-*)}]\.[A-Za-z][A-Za-z0-9]{0,9}$|\.\{[\w,]+\}$")
# Bare names are files only with an ending that files have: `z.infer` and `artifacts.checksum` are code.
FILE_ENDING = re.compile(
    r"\.(?:astro|bat|bru|c|cc|cfg|cjs|conf|cpp|cs|css|csv|cts|cue|dart|ex|exs|feature|gql|go|gradle|graphql|h|hcl|"
    r"hpp|html?|http|ini|ipynb|java|jpe?g|jsx?|json[5cl]?|kts?|lock|lua|md|mdx|mjs|mts|ndjson|php|pl|png|prisma|"
    r"proto|ps1|pyi?|rake|rb|rs|s[ac]ss|scala|sh|snap|sol|sql|svelte|svg|swift|tf|tfvars|toml|tsv?|tsx|txt|vue|"
    r"wasm|xml|ya?ml|zig)",
    re.IGNORECASE,
)
BARE_NAME = re.compile(
    r"Dockerfile|Makefile|Procfile|Justfile|Gemfile|Rakefile|CODEOWNERS|"
    r"\.env(?:\.[\w-]+)*|\.\w+ignore|\.\w+rc(?:\.\w+)?|\.editorconfig|\.gitattributes|\.mcp\.json"
)
NO_CHANGE = re.compile(
    r"\bno[ -]changes?\b|\bunchanged\b|\bread[ -]?only\b|\bdo not (?:touch|modify|change|edit)\b|"
    r"\bnot (?:modified|changed|touched)\b|\bwithout changes?\b",
    re.IGNORECASE,
)
# The words that make a file an example, not a target.
EXAMPLE = re.compile(
    r"\b(?:follow(?:s|ing)?|patterns?|reference|see|similar to|based on|same as|cop(?:y|ied) from|mirrors?|"
    r"like|import(?:s|ed)? from|exists? in|use existing|using existing|re-?uses?|compared? to|"
    r"do(?:es)? not|don't)\b|\be\.g\.",
    re.IGNORECASE,
)
TREE_MARKS = re.compile(r"[\s│├└─|`+\\]*(?:── |-- )?")
TREE_NOTE = re.compile(r"\s(?:#|//|<-|←|-|–|—|\().*$")
LONGEST_ITEM, LONGEST_PATH = 4000, 400


def path_in(text: str, *, listed: bool) -> str | None:
    """The path that a word is, without `./` before it and `:12` behind it, or None.

    `listed` says that the word stands where files are listed: there a folder (`docs/`), a glob and a
    long path without an ending (`packages/backend/db`) count too.
    """
    word = PLACE.sub("", text.strip().strip("`'\"").rstrip(",;")).removeprefix("./")
    if len(word) > LONGEST_PATH or not PATH.fullmatch(word) or word.startswith(("@", "-", "$", "~", "!")):
        return None
    parts = word.rstrip("/").split("/")
    if any(part in ("..", ".", "...", "…") for part in parts) or _has_placeholder(word):
        return None
    last = parts[-1]
    if len(parts) == 1:
        return word if _is_bare_file(last) or (listed and word.endswith("/")) else None
    if EXTENSION.search(last) or last.startswith(".") or BARE_NAME.fullmatch(last):
        return word
    is_folder = word.endswith("/") or "*" in word or len(parts) > 2
    return word if listed and is_folder else None


def _has_placeholder(word: str) -> bool:
    """`{STORY_ID}` stands for something; `{a,b}` is a glob."""
    return any("," not in inside for inside in re.findall(r"\{([^{}]*)\}", word))


def _is_bare_file(name: str) -> bool:
    stem, dot, ending = name.rpartition(".")
    named = bool(stem and not stem.endswith(".")) and FILE_ENDING.fullmatch(dot + ending)
    return bool(named or BARE_NAME.fullmatch(name))


def files_listed(text: str) -> list[str]:
    """The files of one list item or one inline value: before the note, in backticks if there are any."""
    head = _before_note(text[:LONGEST_ITEM])
    return _files_of(BRACKETS.sub(" ", head)) or _files_of(head)


def _before_note(text: str) -> str:
    """The text up to the ` - note` behind the first file; a note may name other files."""
    for match in NOTE.finditer(text):
        head = text[: match.start()]
        if "`" in head or any(path_in(w.strip("()*:,"), listed=False) for w in head.split()):
            return head
    return text


def _files_of(text: str) -> list[str]:
    marked = CODE.findall(text) + LINK.findall(text)
    words = marked or [w.rstrip(".:").strip("()") for w in re.split(r"[\s,]+", text.replace("**", ""))]
    return [path for word in words if (path := path_in(word, listed=True))]


def files_mentioned(text: str) -> list[str]:
    """The files that a sentence names in backticks, unless it only points at them as an example."""
    if EXAMPLE.search(CODE.sub(" ", text)) or NO_CHANGE.search(text):
        return []
    return [p for word in CODE.findall(text) if (p := path_in(word, listed=False))]


def writable(names: Iterable[str]) -> tuple[str, ...]:
    """The names that say what may be written: each once, no pattern that fits everywhere (`*.ts`), and
    no short form (`src/a.ts`) of a file that is also named in full."""
    unique = tuple(dict.fromkeys(names))
    endings: set[str] = set()
    for name in unique:
        parts = name.split("/")
        endings.update("/".join(parts[i:]) for i in range(1, len(parts)))
    return tuple(name for name in unique if not name.startswith("*") and name not in endings)


def files_of_table(lines: Iterable[Line]) -> list[str]:
    """The files of tables: the column whose title says so, else the first cell of a row that names one."""
    found: list[str] = []
    column: int | None = None
    header = True
    for line in lines:
        row = cells(line)
        if row is None:
            header, column = True, None
        elif header:
            header = False
            named = (
                i for i, cell in enumerate(row) if re.search(r"\b(?:files?|paths?|location)\b", plain(cell))
            )
            column = next(named, None)
        elif not is_table_rule(row) and not any(NO_CHANGE.search(cell) for cell in row):
            considered = row[column : column + 1] if column is not None else row
            found += next((files for cell in considered if (files := files_listed(cell))), [])
    return found


def files_of_tree(rows: Iterable[str]) -> list[str]:
    """The files of a drawn tree: names indented, or behind `├──`, beneath their folders."""
    found: list[str] = []
    folders: list[tuple[int, str]] = []
    for column, name, is_folder in _tree_entries(list(rows)):
        while folders and folders[-1][0] >= column:
            folders.pop()
        full = (folders[-1][1] if folders else "") + name
        if is_folder:
            folders.append((column, "" if name == "./" else full.rstrip("/") + "/"))
        elif path := path_in(full, listed=False):
            found.append(path)
    return found


def _tree_entries(rows: list[str]) -> Iterator[tuple[int, str, bool]]:
    """Each named line as (column of the name, name, whether it is a folder)."""
    entries: list[tuple[int, str]] = []
    for row in rows:
        start = TREE_MARKS.match(row)
        column = start.end() if start else 0
        name = TREE_NOTE.sub("", row[column:]).strip()
        name = "./" if name == "." else name
        if name and " " not in name and not NO_CHANGE.search(row):
            entries.append((column, name))
    for place, (column, name) in enumerate(entries):
        below = entries[place + 1][0] if place + 1 < len(entries) else -1
        yield column, name, name.endswith("/") or (below > column and not EXTENSION.search(name))
