"""A run as one page that needs nothing else: no network, no script, no file beside it.

It is made from the recording alone and given out piece by piece; what was not seen to happen is not claimed.
"""

from __future__ import annotations

from collections.abc import Iterator

from core import __version__
from core.exports.html_chunk import ChunkPage
from core.exports.html_decisions import blockers, decisions
from core.exports.html_diff import DiffBudget
from core.exports.html_head import chunk_links, glance, head, plan
from core.exports.html_review import checks
from core.exports.html_style import POLICY, STYLE
from core.exports.html_timeline import timeline
from core.exports.html_usage import usage
from core.exports.tag import Html, end, joined, listed, start, tag
from core.exports.words import story_name
from core.past_chunk import counted, shown_chunks
from core.recording import Recording
from core.run_state import RunState

MOST_WARNINGS = 50


def page(recording: Recording) -> Iterator[str]:
    state = recording.state_at(recording.length)
    chunks = shown_chunks(state)
    yield from _opening(story_name(state, recording.title))
    yield head(recording, state)
    yield chunk_links(chunks, recording.timed)
    yield start("main", id="content")
    yield glance(state, recording.timed)
    yield blockers(state.blockers)
    yield timeline(recording, state)
    if recording.timed:
        yield plan(state)
        yield usage(chunks)
    yield tag("h2", "Chunks", id="chunks")
    if not chunks:
        yield tag("p", "The run opened no chunk.", class_="muted")
    budget = DiffBudget()
    for chunk in chunks:
        yield from ChunkPage(recording, state, chunk, budget).pieces()
    yield decisions(state.decisions)
    yield _ending(state)
    yield end("main")
    yield _footer(recording)
    yield joined([end("div"), end("body"), end("html"), "\n"])


def _opening(title: str) -> Iterator[Html]:
    yield Html("<!DOCTYPE html>\n")
    yield start("html", lang="en")
    yield tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="color-scheme", content="light dark"),
        # Without one a browser asks for /favicon.ico.
        tag("link", rel="icon", href="data:,"),
        tag("title", f"{title} - Signoff"),
        Html(f"<style>{STYLE}</style>"),
    )
    yield joined([start("body"), tag("a", "To the content", class_="skip", href="#content")])
    yield start("div", class_="wrap")


def _ending(state: RunState) -> Html:
    """The check of the whole, and what the run warned of."""
    parts = []
    if state.final_check:
        parts += [tag("h2", "Check at the end", id="end"), checks(state.final_check)]
    if state.warnings:
        shown = state.warnings[:MOST_WARNINGS]
        more = len(state.warnings) - len(shown)
        parts += [
            tag("h2", "Warnings of the run"),
            listed([*shown, *([f"and {more} more"] if more else [])]),
        ]
    return joined(parts)


def _footer(recording: Recording) -> Html:
    source = "the run's journal" if recording.timed else "a log file"
    said = [f"Made by Signoff {__version__} from {source}, {counted(recording.length, 'record')}."]
    if recording.damage:
        said.append(f"It is damaged; this is what stands before the damage: {recording.damage}")
    said.append("This page loads nothing and runs nothing.")
    return tag("footer", *(tag("p", text) for text in said))
