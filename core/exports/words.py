"""What the exports say of a run as a whole, in the words of all three forms. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from core.domain import value
from core.past_chunk import IN_THE_LOG, counted, lasted, shown_chunks
from core.run_state import ChunkState, DecisionState, RunState

NO_HUMAN = frozenset({"", "auto", "nobody", "policy", "answers file"})
"""Who decided, where it was no person."""

PILL_MARKS = {
    "Preparing": "○",
    "Working": "▸",
    "Checking": "▸",
    "Waiting for you": "?",
    "Paused": "!",
    "Complete": "✓",
    "Blocked": "✗",
    "Stopped": "!",
    "Failed": "✗",
}
CHUNK_MARKS = {
    IN_THE_LOG: "○",
    "preparing": "○",
    "open": "▸",
    "checking": "▸",
    "in review": "?",
    "approved": "✓",
    "reverted": "!",
    "undone": "!",
    "blocked": "✗",
    "stopped": "!",
}
STEP_MARKS = {"open": "○", "current": "▸", "done": "✓", "blocked": "✗"}
TONES = {"✓": "ok", "✗": "bad", "!": "warn", "?": "asks", "▸": "now", "○": "idle"}


@value
class Assurance:
    """One sentence on how far the run can be trusted; `mark` as in TONES."""

    mark: str
    text: str


def story_name(state: RunState, title: str) -> str:
    if state.story is None:
        return title
    return f"{state.story.id} {state.story.title}".strip()


def model_words(state: RunState) -> str:
    return f"{state.model} (scripted replies, no model was called)" if state.scripted else state.model


def autonomy_words(state: RunState) -> str:
    return f"{state.autonomy} ({state.autonomy_from})" if state.autonomy_from else state.autonomy


def took(state: RunState) -> str:
    if state.started_at is None or state.updated_at is None:
        return ""
    return lasted(state.updated_at - state.started_at)


def moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at is not None else ""


def by_human(decision: DecisionState) -> bool:
    held = decision.holds
    return held is not None and held.decided_by not in NO_HUMAN


def answer_words(decision: DecisionState) -> str:
    held = decision.holds
    if held is None:
        return "replaced by another question" if decision.void else "not decided"
    return f"{'turned down: ' if held.rejected else ''}{held.decision}"


def how_decided(decision: DecisionState) -> str:
    """`auto-accepted, tier 1, matrix`; `by user, tier 2`; `overturned by user`."""
    tier = "unclassified" if decision.policy.tier is None else f"tier {decision.policy.tier}"
    if decision.overturned is not None:
        return f"overturned by {decision.overturned.answer.decided_by}, {tier}"
    held = decision.holds
    if held is None:
        return f"open, {tier}"
    word = {
        "auto": f"auto-accepted, {tier}, {decision.policy.basis}",
        "covered": f"settled before, {decision.policy.basis}",
        "defer": f"deferred, {tier}, {decision.policy.basis}",
        "escalate": f"by {held.decided_by}, {tier}",
    }
    return word[decision.policy.outcome]


# --- can it be trusted ------------------------------------------------------------------


def assurances(state: RunState, from_journal: bool) -> Iterator[Assurance]:
    """The answers to "can I trust what it has done": reviews, checks, decisions, findings, hands.

    A bare log is silent on most of it, and its silence is no assurance.
    """
    chunks = shown_chunks(state)
    if not from_journal:
        yield Assurance(mark="!", text="Read from a log: what it does not say is not known here.")
    yield from _reviewed(chunks, from_journal)
    yield from _checked(state, chunks, from_journal)
    yield from _decided(state)
    yield from _found(chunks, from_journal)
    yield from _outside(chunks)
    if state.scripted:
        yield Assurance(mark="!", text="The replies were scripted: no model was called.")
    if state.unknown_events:
        words = counted(len(state.unknown_events), "event")
        yield Assurance(mark="!", text=f"{words} of a newer version could not be read, and may matter.")


def _reviewed(chunks: tuple[ChunkState, ...], from_journal: bool) -> Iterator[Assurance]:
    approved: dict[str, list[str]] = {}
    for chunk in chunks:
        if chunk.status in ("reverted", "undone"):
            continue
        by = chunk.review.by if chunk.review and chunk.review.verdict == "approve" else ""
        approved.setdefault(by, []).append(str(chunk.number))
    for by, numbers in approved.items():
        what = f"{counted(len(numbers), 'chunk')} ({', '.join(numbers)})"
        if not by:
            missing = "not approved in a review" if from_journal else "without an approval in the log"
            yield Assurance(mark="!", text=f"{what} {missing}.")
        elif by in NO_HUMAN:
            yield Assurance(mark="!", text=f"{what} approved by {by}: no human looked.")
        else:
            yield Assurance(mark="✓", text=f"{what} reviewed and approved by {by}.")
    asked = sum(r.verdict == "request_changes" for c in chunks for r in c.reviews)
    if asked:
        yield Assurance(mark="✓", text=f"{counted(asked, 'review')} asked for changes first.")


def _checked(state: RunState, chunks: tuple[ChunkState, ...], from_journal: bool) -> Iterator[Assurance]:
    made = [attempt.result for attempt in state.final_check if attempt.result is not None]
    if made and made[-1].ok:
        yield Assurance(mark="✓", text="The check of the whole at the end passed.")
    elif made:
        yield Assurance(mark="✗", text="The check of the whole at the end did not pass.")
    elif from_journal:
        yield Assurance(mark="!", text="There was no check of the whole at the end.")
    failing = [
        str(chunk.number)
        for chunk in chunks
        if chunk.attempts and chunk.attempts[-1].result is not None and not chunk.attempts[-1].result.ok
    ]
    if failing:
        yield Assurance(mark="✗", text=f"The last check of chunk {', '.join(failing)} did not pass.")


def _decided(state: RunState) -> Iterator[Assurance]:
    """How many by whom; what neither a human nor the policy decided is worth a look."""
    counts: dict[str, int] = {}
    for taken in state.decisions:
        if not taken.void:
            by = taken.holds.decided_by if taken.holds is not None else ""
            counts[by] = counts.get(by, 0) + 1
    if not counts:
        return
    words = {"auto": "by the policy", "": "open", "nobody": "queued"}
    said = ", ".join(f"{count} {words.get(by, f'by {by}')}" for by, count in counts.items())
    odd = counts.keys() & (NO_HUMAN - {"auto"})
    text = f"{counted(sum(counts.values()), 'decision')}: {said}."
    yield Assurance(mark="!" if odd else "✓", text=text)


def _found(chunks: tuple[ChunkState, ...], from_journal: bool) -> Iterator[Assurance]:
    standing = sum(len(chunk.standing_findings) for chunk in chunks)
    waived = sum(len(chunk.waived) for chunk in chunks)
    if standing:
        stand = "finding of the rules stands" if standing == 1 else "findings of the rules stand"
        yield Assurance(mark="!", text=f"{standing} {stand}.")
    if waived:
        yield Assurance(mark="!", text=f"{counted(waived, 'finding')} waived, with a reason.")
    looked_at = from_journal and chunks and all(chunk.round for chunk in chunks)
    if looked_at and not standing and not waived:
        yield Assurance(mark="✓", text="No rule is broken.")


def _outside(chunks: tuple[ChunkState, ...]) -> Iterator[Assurance]:
    paths = sorted({path for chunk in chunks for path in chunk.outside})
    if paths:
        text = f"{counted(len(paths), 'file')} edited by somebody else meanwhile: {', '.join(paths[:5])}"
        yield Assurance(mark="!", text=text + ("…" if len(paths) > 5 else "."))
