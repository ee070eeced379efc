"""A chunk's diff in which a text can be sought: `/`, and from line to line that has it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from tui.review.places import place_key
from tui.review.rows import Section
from tui.review.search_line import SearchLine
from tui.review.searching import Match, match_at, matches, pattern_of, place_of_match
from tui.screens.diff import DiffScreen


class SearchScreen(DiffScreen):
    """The cursor goes along while the text is typed, from where it was; where it ends it stays."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("slash", "search", show=False)]

    _text = ""
    _began_at = Match(-1)
    _found: Sequence[Match] = ()
    _found_in: tuple[Sequence[Section], str] = ((), "")

    @property
    def search(self) -> SearchLine | None:
        """The line, while it is open."""
        return next((line for line in self.query(SearchLine) if line.display), None)

    @property
    def searching(self) -> bool:
        """Whether keys go to the search."""
        return self.search is not None and self.search.has_focus_within

    async def action_search(self) -> None:
        """With the text of the last time: the first letter that is typed replaces it."""
        line = next(iter(self.query(SearchLine)), None)
        if line is None:
            line = SearchLine()
            await self.mount(line, before="KeyBar")
        line.display = True
        self._began_at = self._reader
        line.typed.value = self._text
        line.typed.action_select_all()
        self.set_focus(line.typed)
        self._seek(self._text)
        self.show_keys()

    def close_search(self) -> None:
        if self.search is not None:
            self.search.display = False
        self._seek("")
        self.set_focus(self.diff)
        self.show_keys()

    @on(SearchLine.Typed)
    def _typed(self, event: SearchLine.Typed) -> None:
        if self.search is None:
            return
        self._text = event.text
        self._seek(event.text)
        if self._matches:
            self._go_to(bisect_left(self._matches, self._began_at))

    @on(SearchLine.Go)
    def _go(self, event: SearchLine.Go) -> None:
        found, reader = self._matches, self._reader
        if found:
            self._go_to(bisect_right(found, reader) if event.by > 0 else bisect_left(found, reader) - 1)
            self._began_at = self._reader

    @property
    def _reader(self) -> Match:
        return match_at(self.shown.sections, self.diff.row_or_above)

    @property
    def _matches(self) -> Sequence[Match]:
        """Of the diff that is shown: it may have become another one."""
        sections, text = self.shown.sections, self._text
        if self._found_in[0] is not sections or self._found_in[1] != text:
            self._found_in = (sections, text)
            self._found = list(matches(sections, pattern_of(text))) if text else ()
        return self._found

    def _seek(self, text: str) -> None:
        """What has the text is marked; how much that is is said."""
        for section in self.shown.sections:
            section.sought = pattern_of(text) if text else None
        self.diff.draw_anew()
        self._say()

    def _say(self) -> None:
        if self.search is not None:
            found, reader = self._matches, self._reader
            at = bisect_left(found, reader)
            self.search.say(at + 1 if at < len(found) and found[at] == reader else 0, len(found))

    def _go_to(self, index: int) -> None:
        """Round at both ends. A folded file is opened."""
        match = self._matches[index % len(self._matches)]
        section = self.shown.sections[match.section]
        if match.hunk >= 0 and self.shown.folded(section):
            self.shown.toggle_fold(section.file.path)
            self.draw()
        self.diff.select(place_key(place_of_match(self.shown.sections, match)))
        self._say()
