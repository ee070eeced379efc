"""Generated files like those that people write: comments, quoting, order, indentation and line ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

COUNTERS = ("confidence", "applications", "overrides", "last_applied")
WORDS = st.sampled_from(("test.*data|fixtures?", "colou?r", "vi mock", "Größe", "zod 4"))
COMMENTS = st.sampled_from(("", '  # it\'s "ours": keep', "   #"))
QUOTES: tuple[Callable[[str], str], ...] = (str, "'{}'".format, '"{}"'.format)
DATES = st.sampled_from(("2026-02-06", "2026-02-06T10:00:00Z", "2025-12-31T23:59:59+02:00"))


@dataclass(frozen=True)
class Entry:
    """One learned preference as it is written. `values` are in the order of the file, unquoted."""

    values: dict[str, str]
    quotes: dict[str, Callable[[str], str]]
    comments: tuple[str, ...]
    flow: bool

    def with_values(self, **changed: str) -> Entry:
        return replace(self, values={key: changed.get(key, each) for key, each in self.values.items()})

    def lines(self) -> list[str]:
        pairs = [f"{key}: {self.quotes[key](each)}" for key, each in self.values.items()]
        if self.flow:
            return [f"- {{{', '.join(pairs)}}}{self.comments[0]}"]
        marks = ["- ", *["  "] * (len(pairs) - 1)]
        return [m + pair + c for m, pair, c in zip(marks, pairs, self.comments, strict=False)]


@dataclass(frozen=True)
class PreferencesText:
    head: str
    foot: str
    indent: int
    newline: str
    ends: bool
    entries: tuple[Entry, ...] = field(default=())

    def with_entry(self, position: int, entry: Entry) -> PreferencesText:
        before, after = self.entries[:position], self.entries[position + 1 :]
        return replace(self, entries=(*before, entry, *after))

    def text(self) -> str:
        learned = [" " * self.indent + line for entry in self.entries for line in entry.lines()]
        lines = [*self.head.splitlines(), "learned_preferences:", *learned, *self.foot.splitlines()]
        return self.newline.join(lines) + (self.newline if self.ends else "")


@st.composite
def _entries(draw: st.DrawFn) -> Entry:
    values = {
        "pattern": draw(WORDS),
        "choice": draw(WORDS),
        "confidence": draw(st.sampled_from(("0.7", "0.85", "1"))),
        "applications": str(draw(st.integers(0, 120))),
        "overrides": str(draw(st.integers(0, 3))),
        "last_applied": draw(DATES),
        "category": draw(WORDS),
    }
    order = draw(st.permutations(list(values)))
    missing = draw(st.sets(st.sampled_from((*COUNTERS, "category")), max_size=2))
    text_keys = ("pattern", "choice", "category", "last_applied")
    return Entry(
        values={key: values[key] for key in order if key not in missing},
        quotes={key: draw(st.sampled_from(QUOTES)) if key in text_keys else str for key in values},
        comments=tuple(draw(st.lists(COMMENTS, min_size=len(values), max_size=len(values)))),
        flow=draw(st.booleans()),
    )


HEADS = st.sampled_from(
    (
        "",
        "\ufeff# ours, please keep\nversion:   1\n",
        "project_preferences:\n- id: pref-proj-007   # oldest\n  pattern: 'a'\n  choice: b\n\n# learned\n",
        "project_preferences: [{pattern: a, choice: b, locked: true}, # why\n  ]\n",
    )
)
FEET = st.sampled_from(("", "\n# the end", "  # of the last one\ndecay: {rate: 0.9}", "project_preferences:"))


def preference_texts(entries: int = 3) -> st.SearchStrategy[PreferencesText]:
    return st.builds(
        PreferencesText,
        head=HEADS,
        foot=FEET,
        indent=st.sampled_from((0, 2, 4)),
        newline=st.sampled_from(("\n", "\r\n")),
        ends=st.booleans(),
        entries=st.lists(_entries(), min_size=1, max_size=entries).map(tuple),
    ).filter(lambda each: (each.head + each.foot).count("project_preferences") < 2)
