"""The top of the page: what it was, how it ended, how far it can be trusted, the plan."""

from __future__ import annotations

from collections.abc import Iterator

from core.exports.tag import Html, facts, joined, pill, tag
from core.exports.words import (
    CHUNK_MARKS,
    PILL_MARKS,
    STEP_MARKS,
    TONES,
    assurances,
    autonomy_words,
    model_words,
    moment,
    story_name,
    took,
)
from core.past_chunk import counted, dollars, shown_chunks, status_word, tokens
from core.recording import Recording
from core.run_state import ChunkState, RunState, StepState


def head(recording: Recording, state: RunState) -> Html:
    mark = PILL_MARKS[state.pill]
    reason = state.reason or (state.activity.text if state.activity else "")
    return tag(
        "header",
        tag("p", "Signoff run", class_="kicker"),
        tag("h1", story_name(state, recording.title), " ", pill(mark, state.pill, TONES[mark])),
        *([tag("p", reason, class_="lead said")] if reason else []),
        facts(_facts(recording, state)),
        *([tag("p", f"! {recording.damage}", class_="card alert")] if recording.damage else []),
    )


def _facts(recording: Recording, state: RunState) -> Iterator[tuple[str, str]]:
    if recording.timed:
        yield "Model", model_words(state)
        yield "Autonomy", autonomy_words(state)
        yield "Review", {"each": "of each chunk", "findings": "of findings", "never": "none"}[state.review]
        yield "Started", moment(state.started_at)
        yield "Took", took(state)
        yield "Cost", dollars(state.cost_usd) if state.turns else ""
        yield "Worker", state.worker.name if state.worker else ""
    yield ("Run", state.run_id) if recording.timed else ("Log", recording.title)


def chunk_links(chunks: tuple[ChunkState, ...], timed: bool) -> Html:
    if not chunks:
        return Html("")
    links = (
        tag(
            "li",
            tag(
                "a",
                f"{CHUNK_MARKS[status_word(chunk, timed)]} {chunk.number} {chunk.name}",
                href=f"#chunk-{chunk.number}",
            ),
        )
        for chunk in chunks
    )
    return tag("nav", tag("ol", *links), aria_label="Chunks")


# --- at a glance ------------------------------------------------------------------------


def glance(state: RunState, from_journal: bool) -> Html:
    said = (
        tag(
            "li",
            tag("span", each.mark, class_=f"sign {TONES[each.mark]}", aria_hidden="true"),
            tag("span", each.text),
        )
        for each in assurances(state, from_journal)
    )
    return joined(
        [
            tag("h2", "At a glance"),
            tag("ul", *(_tile(count, what) for count, what in _tiles(state, from_journal)), class_="tiles"),
            tag("h2", "Can it be trusted?"),
            tag("ul", *said, class_="trust card"),
        ]
    )


def _tile(count: str, what: str) -> Html:
    return tag("li", tag("b", count), tag("span", what, class_="muted small"))


def _tiles(state: RunState, from_journal: bool) -> Iterator[tuple[str, str]]:
    chunks = shown_chunks(state)
    approved = sum(chunk.status == "approved" for chunk in chunks)
    if state.steps and from_journal:
        yield f"{state.steps_done}/{len(state.steps)}", "plan steps done"
    if from_journal:
        yield f"{approved}/{len(chunks)}", "chunks approved"
    else:
        yield str(len(chunks)), "chunks in the log" if len(chunks) != 1 else "chunk in the log"
    made = [attempt for chunk in chunks for attempt in chunk.attempts if attempt.result is not None]
    if made:
        failed = sum(not attempt.result.ok for attempt in made if attempt.result is not None)
        yield str(len(made)), f"checks, {failed} failed"
    if state.decisions:
        yield str(len(state.decisions)), "decisions" if len(state.decisions) > 1 else "decision"
    reviews = sum(review.verdict is not None for chunk in chunks for review in chunk.reviews)
    if reviews:
        yield str(reviews), "reviews" if reviews > 1 else "review"
    if state.usage.total_input or state.usage.output:
        turns = f", {counted(state.turns, 'turn')}" if from_journal else ", as the log says"
        yield tokens(state.usage.total_input), f"tokens in, {tokens(state.usage.output)} out{turns}"


# --- the plan ---------------------------------------------------------------------------


def plan(state: RunState) -> Html:
    if not state.steps:
        return Html("")
    rows = (tag("tr", *_step(step)) for step in state.steps)
    heads = ("Step", "What", "Criteria", "Chunk")
    table = tag(
        "table",
        tag(
            "thead",
            tag(
                "tr",
                *(
                    tag("th", word, scope="col", class_="some" if word == "Criteria" else None)
                    for word in heads
                ),
            ),
        ),
        tag("tbody", *rows),
    )
    return joined([tag("h2", "Plan", id="plan"), tag("div", table, class_="card wide")])


def _step(state: StepState) -> Iterator[Html]:
    mark = STEP_MARKS[state.status]
    yield tag("td", tag("span", mark, class_=f"sign {TONES[mark]}", title=state.status), f" {state.step.id}")
    yield tag("td", state.step.title, tag("span", f" {state.status}", class_="muted small"))
    yield tag("td", ", ".join(state.step.criteria), class_="muted some")
    links = (tag("a", str(number), href=f"#chunk-{number}") for number in state.chunks)
    yield tag("td", *_between(list(links)))


def _between(parts: list[Html]) -> Iterator[str]:
    for n, part in enumerate(parts):
        yield from ((", ", part) if n else (part,))
