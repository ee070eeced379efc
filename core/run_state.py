"""What a run looks like now. `core.fold` makes it of the run's records.

Frozen, with shared sub-objects: a panel needs to redraw only when the identity of its
slice changes. What grows with the run is a History, so that neither a record more nor a look at an earlier
state costs what the whole run does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias, TypeVar, dataclass_transform

from core import events as ev
from core.domain import (
    Answer,
    AutonomyLevel,
    Budgets,
    CheckResult,
    ChunkOpening,
    ChunkSummary,
    CommandRun,
    DecisionRequest,
    FileChange,
    Finding,
    Plan,
    PolicyOutcome,
    ReviewComment,
    ReviewPolicy,
    ReviewVerdict,
    RunOutcome,
    SettledDecision,
    Step,
    Story,
    Usage,
    WorkerProfile,
    value,
)
from core.history import History

Pill: TypeAlias = Literal[
    "Preparing",
    "Working",
    "Checking",
    "Waiting for you",
    "Paused",
    "Complete",
    "Blocked",
    "Stopped",
    "Failed",
]
StepStatus: TypeAlias = Literal["open", "current", "done", "blocked"]
ChunkStatus: TypeAlias = Literal[
    "preparing", "open", "checking", "in review", "approved", "reverted", "undone", "blocked", "stopped"
]
EntryKind: TypeAlias = Literal[
    "say", "think", "tool", "file", "denied", "check", "decision", "review", "message", "fault"
]
RequestKind: TypeAlias = Literal["decision", "review", "input", "budget"]

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def wide(cls: type[T]) -> type[T]:
    """A value whose many fields lie in a dict, which `changed` copies in one go."""
    return dataclass(frozen=True, kw_only=True)(cls)


@value
class Entry:
    """One line of a chunk's stream. `ok` is None while it is under way."""

    kind: EntryKind
    text: str
    at: datetime
    ok: bool | None = True
    detail: str = ""
    key: str = ""
    duration_s: float | None = None


@value
class StepState:
    step: Step
    status: StepStatus = "open"
    chunks: History[int] = History()


@value
class CheckAttempt:
    """One run of the check. `attempt` 0 is the initial one; `result` None while it runs."""

    round: int
    attempt: int
    commands: tuple[tuple[str, ...], ...]
    result: CheckResult | None = None
    fixed: int = 0
    new: int = 0
    remaining: int = 0

    @property
    def label(self) -> str:
        return "initial" if self.attempt == 0 else f"fix {self.attempt}"


@value
class ReviewState:
    request_id: str
    round: int
    diff_hash: str
    files: tuple[FileChange, ...]
    verdict: ReviewVerdict | None = None
    by: str = ""
    comment: str = ""
    comments: tuple[ReviewComment, ...] = ()


@wide
class ChunkState:
    """A chunk, from its first model turn to its verdict. `opening` is None until the worker opens it.

    `entries` are its stream while it is the run's last chunk; those of an earlier one are made again of the
    records when somebody looks at them (RunView.entries).

    Fix attempts count from round `attempts_from` on: a blocked chunk that is resumed gets new
    ones, and its check is run again (`recheck`), since somebody may have mended its cause. `outside` are
    the paths that somebody else changed meanwhile, `their_changes` the places of such in `changes`.
    """

    number: int
    status: ChunkStatus = "preparing"
    started_at: datetime | None = None
    finished_at: datetime | None = None
    opening: ChunkOpening | None = None
    summary: ChunkSummary | None = None
    round: int = 0
    entries: History[Entry] = History()
    changes: tuple[FileChange, ...] = ()
    closed_files: tuple[FileChange, ...] = ()
    commands: tuple[CommandRun, ...] = ()
    attempts: tuple[CheckAttempt, ...] = ()
    findings: tuple[Finding, ...] = ()
    decisions: tuple[str, ...] = ()
    denied: tuple[ev.ScopeDenied, ...] = ()
    reviews: tuple[ReviewState, ...] = ()
    usage: Usage = Usage()
    cost_usd: float | None = None
    turns: int = 0
    attempts_from: int = 0
    recheck: bool = False
    waived: tuple[ev.FindingWaived, ...] = ()
    commit: str = ""
    outside: tuple[str, ...] = ()
    their_changes: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        return self.opening.name if self.opening else "preparing the next chunk"

    @property
    def standing_findings(self) -> tuple[Finding, ...]:
        """Those that nobody waived."""
        # By what they say, not by their line: an edit above them makes no other finding of them.
        passed = {(w.finding.rule, w.finding.path, w.finding.message) for w in self.waived}
        return tuple(f for f in self.findings if (f.rule, f.path, f.message) not in passed)

    @property
    def review(self) -> ReviewState | None:
        """The latest review of the chunk, pending or not."""
        return self.reviews[-1] if self.reviews else None


@value
class Elaboration:
    """What the worker was asked about its question, and said: nothing yet (and no fault) while it answers."""

    question: str
    text: str = ""
    fault: str = ""

    @property
    def under_way(self) -> bool:
        return not self.text and not self.fault


@value
class DecisionState:
    """A decision and all that became of it. `policy` is what holds now, `first_policy` what held when it
    was raised (they differ after a re-tier). `answer` is the first answer; `overturned` replaced it. A `void`
    question was asked anew, about other bytes."""

    request: DecisionRequest
    policy: PolicyOutcome
    first_policy: PolicyOutcome
    autonomy: AutonomyLevel
    chunk: int
    at: datetime
    call_id: str = ""
    batched: bool = False
    prior: tuple[SettledDecision, ...] = ()
    elaborations: tuple[Elaboration, ...] = ()
    answer: Answer | None = None
    recorded_as: str | None = None
    answered_seq: int = 0
    overturned: ev.DecisionOverturned | None = None
    overturned_seq: int = 0
    void: bool = False
    saved: tuple[ev.PreferenceSaved, ...] = ()

    @property
    def holds(self) -> Answer | None:
        """The answer that holds now."""
        return self.overturned.answer if self.overturned else self.answer

    @property
    def queued(self) -> bool:
        """In the batch, and not decided yet."""
        return self.batched and self.answer is None


@value
class PendingRequest:
    """Something that waits for the supervisor. The oldest comes first. `batch` names the list that it
    was presented in, if any."""

    request_id: str
    kind: RequestKind
    title: str
    since: datetime
    batch: str = ""


@value
class Activity:
    """What the run does now, in words ("type check", "model turn 3"), and since when."""

    text: str
    since: datetime


@wide
class RunState:
    """`inputs` has those of the engine's own questions that wait, and perhaps some that did."""

    run_id: str = ""
    story: Story | None = None
    plan: Plan | None = None
    worker: WorkerProfile | None = None
    model: str = ""
    scripted: bool = False
    headless: bool = False
    sandboxed: bool = False
    answers_from: str | None = None
    autonomy: AutonomyLevel = "conservative"
    autonomy_from: str = ""
    review: ReviewPolicy = "each"
    batch: bool = False
    budgets: Budgets = Budgets()
    started_at: datetime | None = None
    updated_at: datetime | None = None
    seq: int = 0
    steps: tuple[StepState, ...] = ()
    chunks: History[ChunkState] = History()
    decisions: History[DecisionState] = History()
    inputs: tuple[ev.InputRequested, ...] = ()
    pending: tuple[PendingRequest, ...] = ()
    blockers: tuple[ev.BlockerRaised, ...] = ()
    queued_messages: tuple[tuple[int, str], ...] = ()
    final_check: tuple[CheckAttempt, ...] = ()
    activity: Activity | None = None
    checking: bool = False
    paused: bool = False
    stopping: Literal["boundary", "now"] | None = None
    outcome: RunOutcome | None = None
    reason: str = ""
    exit_code: int | None = None
    usage: Usage = Usage()
    cost_usd: float | None = None
    turns: int = 0
    context_used: int = 0
    context_tokens: int | None = None
    worked_s: float = 0.0
    bytes_read: int = 0
    bytes_written: int = 0
    searches: History[ev.KnowledgeSearched] = History()
    servers: tuple[ev.ServerChanged, ...] = ()
    warnings: History[str] = History()
    unknown_events: History[str] = History()

    @property
    def pill(self) -> Pill:
        """The one status of the run (UX: exactly one of nine)."""
        if self.outcome is not None:
            finished: dict[RunOutcome, Pill] = {
                "complete": "Complete",
                "blocked": "Blocked",
                "stopped": "Stopped",
                "failed": "Failed",
            }
            return finished[self.outcome]
        if self.pending:
            return "Waiting for you"
        if self.paused:
            return "Paused"
        if self.checking:
            return "Checking"
        return "Working" if self.chunks else "Preparing"

    @property
    def chunk(self) -> ChunkState | None:
        """The chunk under way, or the last one."""
        return self.chunks.last

    @property
    def opened_chunks(self) -> History[ChunkState]:
        """Only the last one can be one that is not open yet."""
        return self.chunks.without_last() if self.chunk and self.chunk.opening is None else self.chunks

    @property
    def approved_chunks(self) -> tuple[ChunkState, ...]:
        return tuple(c for c in self.chunks if c.status == "approved")

    @property
    def last_approved(self) -> ChunkState | None:
        return next((c for c in reversed(self.chunks) if c.status == "approved"), None)

    @property
    def steps_done(self) -> int:
        return sum(s.status == "done" for s in self.steps)

    @property
    def queued_decisions(self) -> tuple[DecisionState, ...]:
        """Those of the batch that nobody has decided yet."""
        return tuple(d for d in self.decisions if d.queued)

    def decision(self, request_id: str) -> DecisionState | None:
        place = self.place_of_decision(request_id)
        return None if place is None else self.decisions[place]

    def place_of_decision(self, request_id: str) -> int | None:
        """Where the (latest) decision of that id is in `decisions`."""
        return self.decisions.last_place(lambda decision: decision.request.id == request_id)

    def chunk_numbered(self, number: int) -> ChunkState | None:
        if self.chunk is not None and self.chunk.number == number:
            return self.chunk
        place = self.place_of(number)
        return None if place is None else self.chunks[place]

    def place_of(self, number: int) -> int | None:
        """Where the chunk of that number is in `chunks`."""
        last = self.chunks.last
        if last is None:
            return None
        # Numbers go up by one; a journal where they do not is looked through.
        place = len(self.chunks) - 1 - (last.number - number)
        if 0 <= place < len(self.chunks) and self.chunks[place].number == number:
            return place
        return self.chunks.last_place(lambda chunk: chunk.number == number)


S = TypeVar("S", RunState, ChunkState)


def changed(state: S, **changes: object) -> S:
    """`dataclasses.replace` for the two that change with every record: what that costs with their many
    fields would be most of the time that a fold takes."""
    if not changes.keys() <= state.__dict__.keys():
        raise TypeError(f"no such field: {', '.join(changes.keys() - state.__dict__.keys())}")
    new = object.__new__(type(state))
    new.__dict__.update(state.__dict__, **changes)
    return new
