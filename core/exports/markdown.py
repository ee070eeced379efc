"""A run as a pull request's description: what changed, what a human decided, how it was checked and reviewed.

Other people's text keeps its words and loses its power: no markup, no link, no mention of anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from core.domain import FileChange
from core.exports.words import (
    PILL_MARKS,
    answer_words,
    assurances,
    autonomy_words,
    by_human,
    how_decided,
    model_words,
    story_name,
    took,
)
from core.past_chunk import (
    check_words,
    counted,
    counted_files,
    dollars,
    has_content,
    review_words,
    shown_chunks,
    tokens,
)
from core.recording import Recording
from core.run_state import ChunkState, RunState
from core.untrusted import visible

MOST_FILES = 50
LONGEST = 600
# An underscore within a word is nothing to GitHub or GitLab.
_MARKUP = re.compile(r"([\\`*\[\]<>|~&$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
_LINE_START = re.compile(r"^([#+=-]|\d{1,9}(?=[.)]))")
# A comment that is not shown keeps what stands on its sides from being read as one word.
_APART = "<!-- -->"
_ACTING = re.compile(r"(?<=[@#])(?=\w)|(?<=:)(?=//)|(?<=www)(?=\.)|(?<=GH)(?=-\d)", re.IGNORECASE)


def description(recording: Recording) -> Iterator[str]:
    """Markdown as GitHub and GitLab read it."""
    state = recording.state_at(recording.length)
    chunks = shown_chunks(state)
    yield f"# {plain(story_name(state, recording.title))}\n\n"
    yield from _head(recording, state, chunks)
    yield "\n## What changed\n"
    for chunk in chunks:
        yield from _chunk(recording, chunk)
    yield from _decisions(state)
    yield from _checks(state, chunks)
    yield from _reviewed(recording, state, chunks)
    yield from _risks(state, chunks)


def plain(text: str, most: int = LONGEST) -> str:
    """One line of text and nothing else."""
    shown = " ".join(visible(text).split())
    if len(shown) > most:
        shown = shown[: most - 1] + "…"
    escaped = _LINE_START.sub(r"\\\1", _MARKUP.sub(r"\\\1", shown))
    return _ACTING.sub(_APART, escaped)


def code(text: str) -> str:
    """A code span that `text` can't get out of, also in a table."""
    shown = " ".join(visible(text).split()).replace("|", "\\|")
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{shown}{pad}{fence}" if shown else ""


def _head(recording: Recording, state: RunState, chunks: tuple[ChunkState, ...]) -> Iterator[str]:
    said = [f"**{PILL_MARKS[state.pill]} {state.pill}**"]
    if state.steps and recording.timed:
        said.append(f"{state.steps_done} of {counted(len(state.steps), 'plan step')}")
    said.append(counted(len(chunks), "chunk"))
    if recording.timed and took(state):
        said.append(took(state))
    yield ", ".join(said) + ".\n"
    if state.reason:
        yield f"\n{plain(state.reason)}\n"
    if recording.timed:
        how = f"Model {plain(model_words(state))}, autonomy {plain(autonomy_words(state))}"
        yield f"\n{how}, {_spent(state)}.\n"


def _spent(state: RunState) -> str:
    used = f"{tokens(state.usage.total_input)} tokens in, {tokens(state.usage.output)} out"
    return used if state.cost_usd is None else f"{used}, {dollars(state.cost_usd)}"


def _chunk(recording: Recording, chunk: ChunkState) -> Iterator[str]:
    steps = ""
    if chunk.opening is not None:
        numbers = ", ".join(chunk.opening.steps) if recording.timed else ""
        parts = [numbers, ", ".join(chunk.opening.criteria)]
        steps = "; ".join(part for part in parts if part)
    back = " (put back since)" if chunk.status in ("reverted", "undone") else ""
    yield f"\n### {chunk.number}. {plain(chunk.name)}{back}\n"
    if steps:
        yield f"\n{'Steps ' if recording.timed else ''}{plain(steps)}\n"
    if chunk.summary is not None and chunk.summary.summary.strip():
        yield f"\n{plain(chunk.summary.summary)}\n"
    files = counted_files(chunk, recording.blob)
    if files:
        yield "\n"
    for change in files[:MOST_FILES]:
        yield f"- {code(change.path)}{_counts(change)}\n"
    if len(files) > MOST_FILES:
        yield f"- and {counted(len(files) - MOST_FILES, 'more file')}\n"


def _counts(change: FileChange) -> str:
    word = {"create": " (new)", "modify": "", "delete": " (deleted)"}[change.action]
    return f" +{change.added:,} −{change.removed:,}{word}" if has_content(change) else word


def _decisions(state: RunState) -> Iterator[str]:
    human = [taken for taken in state.decisions if by_human(taken)]
    other = [taken for taken in state.decisions if not by_human(taken)]
    if human:
        rows = (
            (plain(d.request.title), plain(answer_words(d)), plain(how_decided(d)), _note(d.holds))
            for d in human
        )
        yield "\n## Decided by a human\n\n"
        yield from _table(("Question", "Answer", "How", "Why"), rows)
    if other:
        yield "\n## Decided without a human\n\n"
        short = ((plain(d.request.title), plain(answer_words(d)), plain(how_decided(d))) for d in other)
        yield from _table(("Question", "Answer", "How"), short)


def _note(answer: object) -> str:
    return plain(getattr(answer, "note", "") or "")


def _checks(state: RunState, chunks: tuple[ChunkState, ...]) -> Iterator[str]:
    if not chunks:
        return
    yield "\n## Checks\n\n"
    yield from _table(
        ("Chunk", "Check"), ((f"{c.number} {plain(c.name)}", plain(check_words(c))) for c in chunks)
    )
    for attempt in state.final_check[-1:]:
        if attempt.result is not None:
            word = "passed" if attempt.result.ok else "did not pass"
            yield f"\nThe whole at the end, {code(attempt.result.shown_command)}: {word}.\n"


def _reviewed(recording: Recording, state: RunState, chunks: tuple[ChunkState, ...]) -> Iterator[str]:
    yield "\n## How it was reviewed\n\n"
    for chunk in chunks:
        yield f"- Chunk {chunk.number}: {plain(review_words(chunk))}\n"
    for each in assurances(state, recording.timed):
        yield f"- {each.mark} {plain(each.text)}\n"


def _risks(state: RunState, chunks: tuple[ChunkState, ...]) -> Iterator[str]:
    said = [*_noted(chunks), *_standing(state, chunks)]
    if said:
        yield "\n## Risks and notes\n\n"
        yield from said


def _noted(chunks: tuple[ChunkState, ...]) -> Iterator[str]:
    for chunk in chunks:
        if chunk.summary is not None and chunk.summary.notes.strip():
            yield f"- Chunk {chunk.number}: {plain(chunk.summary.notes)}\n"
        left = ", ".join(chunk.summary.steps_left_open) if chunk.summary is not None else ""
        if left:
            yield f"- Chunk {chunk.number} leaves steps open: {plain(left)}\n"


def _standing(state: RunState, chunks: tuple[ChunkState, ...]) -> Iterator[str]:
    for blocker in state.blockers:
        yield f"- Blocked: {plain(blocker.reason)}\n"
    for chunk in chunks:
        for finding in chunk.standing_findings:
            yield f"- Finding {plain(finding.rule)} in {code(finding.path)}: {plain(finding.message)}\n"
        for waiver in chunk.waived:
            what = f"{plain(waiver.finding.message)} ({plain(waiver.reason)})"
            yield f"- Waived by {plain(waiver.by)}: {what}\n"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}\n"
    for row in rows:
        yield f"| {' | '.join(row)} |\n"
