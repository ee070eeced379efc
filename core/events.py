"""Everything that can happen in a run, as one discriminated union.

Events are past-tense, frozen and JSON-only; they are never edited. `Record` adds the
number, the run and the time. `TextDelta` and `OutputDelta` are live-only: they never
reach the journal and nothing may depend on them (ARCHITECTURE, "One stream").
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

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
    JsonObject,
    KbEntry,
    Plan,
    PolicyOutcome,
    ReplyBlock,
    ReviewComment,
    ReviewPolicy,
    ReviewVerdict,
    RunOutcome,
    Scope,
    ScopeVerdict,
    SettledDecision,
    Sha,
    Story,
    Usage,
    WorkerProfile,
    value,
)

# --- run --------------------------------------------------------------------------------


@value
class RunStarted:
    """`earlier` names the blobs of the log files that stood there before this run; `model_spec` is
    how the model was asked for (`anthropic:NAME`, `scripted:FILE`), so that resuming asks for it again;
    `policy_files` names the blobs of the policy files that the run decides by (None: not recorded)."""

    story: Story
    plan: Plan
    scope: Scope
    settled: tuple[SettledDecision, ...]
    worker: WorkerProfile
    model: str
    scripted: bool
    autonomy: AutonomyLevel
    autonomy_from: str
    review: ReviewPolicy
    headless: bool
    budgets: Budgets
    signoff_version: str
    architecture_text: Sha | None = None
    earlier: tuple[tuple[str, Sha], ...] = ()
    warnings: tuple[str, ...] = ()
    answers_from: str | None = None
    sandboxed: bool = False
    model_spec: str = ""
    context_tokens: int | None = None
    batch: bool = False
    policy_files: tuple[tuple[str, Sha], ...] | None = None
    type: Literal["run_started"] = "run_started"


@value
class RunResumed:
    """A process took the run up again. `found` says what it had to settle first; `autonomy` and
    `budgets` are set where the supervisor gave new ones."""

    headless: bool
    model: str
    scripted: bool
    review: ReviewPolicy
    found: tuple[str, ...] = ()
    answers_from: str | None = None
    autonomy: AutonomyLevel | None = None
    budgets: Budgets | None = None
    batch: bool | None = None
    policy_files: tuple[tuple[str, Sha], ...] | None = None
    type: Literal["run_resumed"] = "run_resumed"


@value
class RunFinished:
    outcome: RunOutcome
    reason: str
    exit_code: int
    type: Literal["run_finished"] = "run_finished"


# --- steps and chunks -------------------------------------------------------------------


@value
class ConversationStarted:
    """A fresh conversation for the next chunk. `note` is what the worker is told of the last one."""

    chunk: int
    note: str = ""
    type: Literal["conversation_started"] = "conversation_started"


@value
class StepStarted:
    step: str
    chunk: int
    type: Literal["step_started"] = "step_started"


@value
class StepFinished:
    step: str
    chunk: int
    type: Literal["step_finished"] = "step_finished"


@value
class ChunkStarted:
    chunk: int
    opening: ChunkOpening
    type: Literal["chunk_started"] = "chunk_started"


@value
class ChunkClosed:
    """The worker closed the chunk: its log entry, with files and commands as the engine saw them.

    `round` counts closings of this chunk from 1. The first one makes the log entry; later
    ones (fixes, answers to a review) are appended beneath it.
    """

    chunk: int
    round: int
    summary: ChunkSummary
    files: tuple[FileChange, ...]
    commands: tuple[CommandRun, ...]
    call_id: str = ""
    type: Literal["chunk_closed"] = "chunk_closed"


@value
class ChunkFinished:
    chunk: int
    verdict: Literal["approved", "reverted", "blocked", "stopped"]
    type: Literal["chunk_finished"] = "chunk_finished"


@value
class ChunkReverted:
    """Files put back to the byte where the chunk began."""

    chunk: int
    files: tuple[FileChange, ...]
    by: str
    type: Literal["chunk_reverted"] = "chunk_reverted"


@value
class ChunkUndoStarted:
    """Journaled before the files are put back. `files` goes from what stands there to what is to stand there
    (both contents are blobs); `kept` stay as they are."""

    chunk: int
    files: tuple[FileChange, ...]
    kept: tuple[str, ...]
    by: str
    type: Literal["chunk_undo_started"] = "chunk_undo_started"


@value
class ChunkUndone:
    """An approved chunk, the last one, was taken back. `files` is what was put back on disk; `kept` are files
    that the engineer chose to leave as they had made them since."""

    chunk: int
    files: tuple[FileChange, ...]
    by: str
    kept: tuple[str, ...] = ()
    type: Literal["chunk_undone"] = "chunk_undone"


@value
class ChunkCommitted:
    """An approved chunk is a git commit now. `branch` None: a detached head."""

    chunk: int
    commit: str
    branch: str | None
    type: Literal["chunk_committed"] = "chunk_committed"


# --- model ------------------------------------------------------------------------------


@value
class ModelTurnStarted:
    """`chunk` is the chunk that the conversation is for, whether it is open yet or not. `about` is set for a
    turn beside the conversation: the id of the decision that the worker elaborates on."""

    turn: int
    chunk: int
    request_bytes: int
    about: str = ""
    type: Literal["model_turn_started"] = "model_turn_started"


@value
class ModelTurnFinished:
    """A whole reply. `cost_usd` is None where the model's price is unknown (SPEC 10)."""

    turn: int
    chunk: int
    blocks: tuple[ReplyBlock, ...]
    stop_reason: str
    usage: Usage
    duration_s: float
    cost_usd: float | None = None
    request_id: str | None = None
    about: str = ""
    type: Literal["model_turn_finished"] = "model_turn_finished"


@value
class ModelTurnFailed:
    """A request that gave no usable reply; nothing of it was executed. `retry_in_s` None: no more tries."""

    turn: int
    chunk: int
    attempt: int
    kind: str
    message: str
    retry_in_s: float | None
    type: Literal["model_turn_failed"] = "model_turn_failed"


# --- tools and files --------------------------------------------------------------------


@value
class ToolStarted:
    """Journaled before the effect: intent, effect, result. `shown` is its one line on screen."""

    call_id: str
    name: str
    chunk: int
    input: JsonObject
    shown: str
    type: Literal["tool_started"] = "tool_started"


@value
class ToolFinished:
    """`text` is exactly what the model is answered; `bytes_read` feeds the seed's estimate."""

    call_id: str
    name: str
    chunk: int
    text: str
    is_error: bool
    duration_s: float
    bytes_read: int = 0
    type: Literal["tool_finished"] = "tool_finished"


@value
class FileChangeStarted:
    """Both blobs are on disk; the file itself may or may not be changed yet."""

    chunk: int
    call_id: str
    change: FileChange
    type: Literal["file_change_started"] = "file_change_started"


OUTSIDE = "outside"


@value
class FileChanged:
    """`call_id` is OUTSIDE for a change that the engineer, or any other program, made meanwhile."""

    chunk: int
    call_id: str
    change: FileChange
    type: Literal["file_changed"] = "file_changed"


@value
class OutsideEditSeen:
    """Somebody else changed a file that the run knows, while it went on. Nothing of it is overwritten."""

    chunk: int
    path: str
    type: Literal["outside_edit_seen"] = "outside_edit_seen"


@value
class CommandStarted:
    chunk: int
    call_id: str
    argv: tuple[str, ...]
    cwd: str
    type: Literal["command_started"] = "command_started"


@value
class CommandFinished:
    chunk: int
    call_id: str
    run: CommandRun
    output: Sha | None = None
    type: Literal["command_finished"] = "command_finished"


@value
class ScopeDenied:
    chunk: int
    path: str
    verdict: ScopeVerdict
    reason: str
    type: Literal["scope_denied"] = "scope_denied"


# --- rules and checks -------------------------------------------------------------------


@value
class RulesChecked:
    """All findings on the chunk's diff as it is now; replaces those of an earlier round."""

    chunk: int
    round: int
    findings: tuple[Finding, ...]
    type: Literal["rules_checked"] = "rules_checked"


@value
class CheckStarted:
    """`attempt` 0 is the initial check, 1 and 2 are fixes; `round` as in ChunkClosed.

    `chunk` 0 is the check of the whole run at its end.
    """

    chunk: int
    round: int
    attempt: int
    commands: tuple[tuple[str, ...], ...]
    type: Literal["check_started"] = "check_started"


@value
class CheckFinished:
    """`fixed`, `new` and `remaining` count errors against the attempt before."""

    chunk: int
    round: int
    attempt: int
    result: CheckResult
    fixed: int = 0
    new: int = 0
    remaining: int = 0
    type: Literal["check_finished"] = "check_finished"


@value
class FindingWaived:
    """The supervisor lets a finding pass, with a reason. It counts for that finding on that chunk alone."""

    chunk: int
    finding: Finding
    reason: str
    by: str
    type: Literal["finding_waived"] = "finding_waived"


# --- decisions, reviews, questions ------------------------------------------------------


@value
class DecisionRequested:
    """Raised and put through the policy. It waits for a human only when `policy` escalates, and when
    `batched` only from the BatchPresented that names it. `prior` are earlier decisions like it."""

    chunk: int
    call_id: str
    request: DecisionRequest
    policy: PolicyOutcome
    autonomy: AutonomyLevel
    batched: bool = False
    prior: tuple[SettledDecision, ...] = ()
    type: Literal["decision_requested"] = "decision_requested"


@value
class DecisionResolved:
    """`recorded_as` is its id in DECISIONS-AUTO.yaml or ARCHITECTURAL-DECISIONS.yaml, if any."""

    request_id: str
    answer: Answer
    recorded_as: str | None = None
    type: Literal["decision_resolved"] = "decision_resolved"


@value
class DecisionRetiered:
    """The supervisor gave a waiting question another tier; `policy` is what holds for it now."""

    request_id: str
    tier: int
    policy: PolicyOutcome
    by: str
    type: Literal["decision_retiered"] = "decision_retiered"


@value
class ElaborationRequested:
    """The supervisor asks the worker about its question, before deciding."""

    request_id: str
    question: str
    by: str
    type: Literal["elaboration_requested"] = "elaboration_requested"


@value
class DecisionElaborated:
    """What the worker said to that; `fault` is set, and `text` empty, when the model could not be had."""

    request_id: str
    question: str
    text: str
    fault: str = ""
    type: Literal["decision_elaborated"] = "decision_elaborated"


@value
class BatchPresented:
    """Queued decisions are put to the supervisor as one list: from now on they wait."""

    batch_id: str
    chunk: int
    request_ids: tuple[str, ...]
    type: Literal["batch_presented"] = "batch_presented"


@value
class DecisionOverturned:
    """The supervisor replaced what was decided without them. The worker is told at its next turn.

    `chunks` rest on the old decision; `recorded_as` is the new one's id in ARCHITECTURAL-DECISIONS.yaml.
    """

    request_id: str
    answer: Answer
    reason: str
    chunks: tuple[int, ...]
    recorded_as: str
    type: Literal["decision_overturned"] = "decision_overturned"


@value
class PreferenceSaved:
    """preferences.yaml was written: an entry added (`locked`, `learned`), or the counters of a learned one
    brought up to date (`applied`, `overridden`). `file` is the blob of its content afterwards."""

    request_id: str
    action: Literal["locked", "learned", "applied", "overridden"]
    preference_id: str
    pattern: str
    choice: str
    file: Sha
    type: Literal["preference_saved"] = "preference_saved"


@value
class ReviewRequested:
    """`diff_hash` names the diff that the reviewer is shown; an approval is of it alone."""

    request_id: str
    chunk: int
    round: int
    diff_hash: Sha
    files: tuple[FileChange, ...]
    type: Literal["review_requested"] = "review_requested"


@value
class ReviewResolved:
    request_id: str
    chunk: int
    round: int
    verdict: ReviewVerdict
    by: str
    diff_hash: Sha
    comment: str = ""
    comments: tuple[ReviewComment, ...] = ()
    type: Literal["review_resolved"] = "review_resolved"


@value
class InputRequested:
    """The engine itself needs an answer. `options` are (id, label) pairs."""

    request_id: str
    kind: Literal[
        "environment",
        "conflict",
        "unknown_effect",
        "budget",
        "model",
        "blocker",
        "attempts",
        "commit",
        "server",
    ]
    title: str
    detail: str
    options: tuple[tuple[str, str], ...]
    chunk: int = 0
    type: Literal["input_requested"] = "input_requested"


@value
class InputResolved:
    request_id: str
    option: str
    text: str
    by: str
    type: Literal["input_resolved"] = "input_resolved"


@value
class BlockerRaised:
    """What BLOCKERS.md says. `decision`, `architectural` and `worker` (reported by the model: a
    human must settle it) end a headless run with exit 3, `check` and `rule` with 4, `budget` with 6."""

    blocker_id: str
    kind: Literal["decision", "architectural", "check", "rule", "worker", "budget"]
    reason: str
    chunk: int
    context: str = ""
    needed: str = ""
    options: tuple[str, ...] = ()
    recommendation: str = ""
    blocked_steps: tuple[str, ...] = ()
    command: str = ""
    attempts: tuple[str, ...] = ()
    diagnostics: tuple[str, ...] = ()
    request_id: str | None = None
    type: Literal["blocker_raised"] = "blocker_raised"


@value
class BlockerCleared:
    blocker_id: str
    how: str
    type: Literal["blocker_cleared"] = "blocker_cleared"


# --- steering ---------------------------------------------------------------------------


@value
class MessageSent:
    text: str
    by: str
    type: Literal["message_sent"] = "message_sent"


@value
class MessageDelivered:
    """`message_seq` is the seq of the MessageSent record; `turn` the turn it went out with."""

    message_seq: int
    turn: int
    type: Literal["message_delivered"] = "message_delivered"


@value
class Paused:
    by: str
    type: Literal["paused"] = "paused"


@value
class Resumed:
    by: str
    type: Literal["resumed"] = "resumed"


@value
class StopRequested:
    when: Literal["boundary", "now"]
    by: str
    type: Literal["stop_requested"] = "stop_requested"


@value
class AutonomyChanged:
    level: AutonomyLevel
    by: str
    type: Literal["autonomy_changed"] = "autonomy_changed"


@value
class BudgetNeared:
    """Most of a budget is used (`kind` as in BudgetReached): said once, before it is reached."""

    kind: Literal["cost", "tokens", "turns", "minutes"]
    limit: float
    used: float
    type: Literal["budget_neared"] = "budget_neared"


@value
class BudgetReached:
    kind: Literal["cost", "tokens", "turns", "minutes"]
    limit: float
    used: float
    type: Literal["budget_reached"] = "budget_reached"


# --- knowledge and tool servers ---------------------------------------------------------


@value
class KnowledgeSearched:
    """The knowledge base was looked into: by the engine at the start of the run (`call_id` empty), or by the
    worker. `fault` says why there is none to look into; the run goes on without (SPEC 8)."""

    chunk: int
    query: str
    found: tuple[KbEntry, ...]
    fault: str = ""
    call_id: str = ""
    type: Literal["knowledge_searched"] = "knowledge_searched"


@value
class ServerChanged:
    """A tool server (MCP) can be used from now on, or can't: `why` says what happened to it."""

    server: str
    available: bool
    why: str = ""
    tools: tuple[str, ...] = ()
    type: Literal["server_changed"] = "server_changed"


@value
class CompletionReported:
    """The worker's own claim; the run is complete when the final check has passed too."""

    call_id: str
    summary: str
    steps_left_open: tuple[tuple[str, str], ...] = ()
    type: Literal["completion_reported"] = "completion_reported"


@value
class WarningRaised:
    """Something the supervisor should know and that stops nothing (a log file edited by hand, say)."""

    text: str
    type: Literal["warning_raised"] = "warning_raised"


@value
class UnknownEvent:
    """An event of a newer minor version: kept and shown as unknown, never dropped."""

    name: str
    data: JsonObject
    type: Literal["unknown"] = "unknown"


Event: TypeAlias = (
    RunStarted
    | RunResumed
    | RunFinished
    | ConversationStarted
    | StepStarted
    | StepFinished
    | ChunkStarted
    | ChunkClosed
    | ChunkFinished
    | ChunkReverted
    | ChunkUndoStarted
    | ChunkUndone
    | ChunkCommitted
    | ModelTurnStarted
    | ModelTurnFinished
    | ModelTurnFailed
    | ToolStarted
    | ToolFinished
    | FileChangeStarted
    | FileChanged
    | OutsideEditSeen
    | CommandStarted
    | CommandFinished
    | ScopeDenied
    | RulesChecked
    | CheckStarted
    | CheckFinished
    | FindingWaived
    | DecisionRequested
    | DecisionResolved
    | DecisionRetiered
    | ElaborationRequested
    | DecisionElaborated
    | BatchPresented
    | DecisionOverturned
    | PreferenceSaved
    | ReviewRequested
    | ReviewResolved
    | InputRequested
    | InputResolved
    | BlockerRaised
    | BlockerCleared
    | MessageSent
    | MessageDelivered
    | Paused
    | Resumed
    | StopRequested
    | AutonomyChanged
    | BudgetNeared
    | BudgetReached
    | KnowledgeSearched
    | ServerChanged
    | CompletionReported
    | WarningRaised
    | UnknownEvent
)


@value
class Record:
    """One line of the journal. `seq` counts from 1 without gaps; `at` is UTC."""

    seq: int
    run_id: str
    at: datetime
    event: Event


# --- live only --------------------------------------------------------------------------


@value
class TextDelta:
    """A piece of what the worker says or thinks, or of a tool's input as it is written."""

    chunk: int
    kind: Literal["text", "thinking", "tool"]
    text: str


@value
class OutputDelta:
    """A piece of a command's or a check's output, decoded, as it came."""

    chunk: int
    source: Literal["command", "check"]
    text: str


Delta: TypeAlias = TextDelta | OutputDelta
