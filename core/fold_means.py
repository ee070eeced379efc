"""What the worker's means make of the state: knowledge that was looked up, tool servers."""

from __future__ import annotations

from datetime import datetime

from core import events as ev
from core.run_state import Entry, RunState, changed
from core.state_edits import say


def knowledge_searched(state: RunState, event: ev.KnowledgeSearched, at: datetime) -> RunState:
    """A search by the worker is a tool call, and shown as one."""
    state = changed(state, searches=state.searches.with_last(event))
    if event.call_id:
        return state
    found = f"{len(event.found)} entries for {event.query!r}" if not event.fault else event.fault
    return say(state, event.chunk, Entry(kind="tool", text=f"knowledge base: {found}", at=at))


def server_changed(state: RunState, event: ev.ServerChanged, at: datetime) -> RunState:
    """The latest word on each server; one that can't be used is said in the stream, too."""
    others = tuple(s for s in state.servers if s.server != event.server)
    state = changed(state, servers=(*others, event))
    if event.available:
        return state
    text = f"tool server {event.server} is unavailable: {event.why}"
    return say(state, None, Entry(kind="fault", text=text, at=at, ok=False))
