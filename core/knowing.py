"""A run's use of the knowledge base: looked into at its start, at its questions and by its worker, and fed at
its end (SPEC 8). Whatever is wrong with it, the run goes on without, and the journal says so.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from core import events as ev
from core.domain import JsonObject, SettledDecision
from core.knowledge import FILE_NAME, Found, KnowledgeBase, KnowledgeFault, Query
from core.lessons import domain_of, lessons_of
from core.prior_decisions import prior_decisions
from core.runs import state_folder
from core.stream import Stream

AT_START = 3
PRIOR = 2
CANDIDATES = 20
EMPTY = "the knowledge base is empty"


class Knowing:
    """`base` None: the worker's profile wants no knowledge."""

    def __init__(self, stream: Stream, base: KnowledgeBase | None) -> None:
        self._stream = stream
        self._base = base

    async def look_at_start(self) -> None:
        """Once a run: what is known of the story's domain goes into the prefix of every conversation."""
        state = self._stream.state
        if self._base is None or any(not s.call_id for s in state.searches) or state.chunks:
            return
        assert state.story is not None and state.worker is not None, "the run has started"
        query = f"{domain_of(state.story.folder)} {state.worker.name} patterns"
        await self._search(Query(query=query, role="dev", limit=AT_START), chunk=0, call_id="")

    async def search(self, given: dict[str, Any], call_id: str) -> JsonObject | str:
        """For the worker: the result of `kb_search`, or one line why there is none."""
        chunk = self._stream.state.chunk
        query = Query(**{**given, "tags": tuple(given["tags"])})
        found = await self._search(query, chunk=chunk.number if chunk else 0, call_id=call_id)
        return found.to_json() if isinstance(found, Found) else found

    async def _search(self, query: Query, *, chunk: int, call_id: str) -> Found | str:
        fault, found = "", None
        try:
            found = await asyncio.to_thread(self._look, query)
        except KnowledgeFault as problem:
            fault = str(problem)
        if found is not None and not found.entries and not await asyncio.to_thread(self._has_entries):
            fault = EMPTY
        entries = found.entries if found is not None else ()
        self._stream.emit(
            ev.KnowledgeSearched(chunk=chunk, query=query.query, found=entries, fault=fault, call_id=call_id)
        )
        return fault if found is None or fault else found

    def _look(self, query: Query) -> Found:
        if self._base is None:
            raise KnowledgeFault("the worker's profile has no knowledge base")
        return self._base.search(query)

    def _has_entries(self) -> bool:
        return self._base is not None and bool(self._base.count())

    def was_found(self, entry_id: str) -> bool:
        """Whether a search of this run found the entry: what nobody found can't have been used."""
        return any(entry.id == entry_id for s in self._stream.state.searches for entry in s.found)

    def prior(self, title: str) -> tuple[SettledDecision, ...]:
        """Decisions of the knowledge base that are about the same thing as a question."""
        if self._base is None:
            return ()
        try:
            found = self._base.search(Query(query=title, entry_type="decision", limit=CANDIDATES))
        except KnowledgeFault:
            return ()
        best_last = [_as_decision(each.id, each.content, each.source) for each in reversed(found.entries)]
        return prior_decisions(title, best_last)[:PRIOR]

    async def learn(self) -> None:
        """After the run: what it has to teach. The same lesson is kept once."""
        if self._base is None:
            return
        try:
            lessons = tuple(lessons_of(self._stream.records))
            if lessons:
                await asyncio.to_thread(self._base.add, lessons)
        except KnowledgeFault as fault:
            self._stream.emit(ev.WarningRaised(text=f"nothing was learnt from this run: {fault}"))


def knowing_of(stream: Stream, root: Path, *, wanted: bool) -> Knowing:
    return Knowing(stream, KnowledgeBase(state_folder(root) / FILE_NAME) if wanted else None)


def _as_decision(entry: str, content: str, source: str) -> SettledDecision:
    question, arrow, decision = content.partition(" -> ")
    name = f"{entry} ({source})" if source else entry
    return SettledDecision(id=name, question=question, decision=decision if arrow else content)
