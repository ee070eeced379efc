"""The values that a run is about. Frozen, JSON-only, shared by every other module.

Paths are posix and relative to the workspace unless a field says otherwise. Contents
of files are never held here: they are blobs, named by the sha256 of their bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, TypeVar, dataclass_transform

JsonObject: TypeAlias = dict[str, Any]
Sha: TypeAlias = str

AutonomyLevel: TypeAlias = Literal["conservative", "moderate", "aggressive"]
ReviewPolicy: TypeAlias = Literal["each", "findings", "never"]
Severity: TypeAlias = Literal["error", "warning", "note"]
RuleSeverity: TypeAlias = Literal["block", "warn"]
Risk: TypeAlias = Literal["low", "medium", "high"]
RunOutcome: TypeAlias = Literal["complete", "blocked", "stopped", "failed"]
ReviewVerdict: TypeAlias = Literal["approve", "request_changes", "revert", "stop"]
ScopeVerdict: TypeAlias = Literal["in", "adjacent", "out"]

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def value(cls: type[T]) -> type[T]:
    """Makes a class a frozen, keyword-only record."""
    return dataclass(frozen=True, slots=True, kw_only=True)(cls)


# --- the story and its plan -------------------------------------------------------------


@value
class Criterion:
    """One acceptance criterion. `id` as written, normalised to `AC-1`."""

    id: str
    text: str
    done: bool = False


@value
class Step:
    """One step of the plan. `id` is a string: people write `1`, `1.1` and `A1`."""

    id: str
    title: str
    line: int
    objective: str | None = None
    files: tuple[str, ...] = ()
    verification: str | None = None
    depends_on: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()


@value
class Section:
    level: int
    title: str
    line: int


@value
class Plan:
    """The plan as read. `text` is the file as it was; what was not understood is in it."""

    source: str
    text: str
    title: str | None = None
    steps: tuple[Step, ...] = ()
    acceptance_criteria: tuple[Criterion, ...] = ()
    sections: tuple[Section, ...] = ()
    files: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@value
class Scope:
    """SCOPE.md or SCOPE.yaml. A flag is None where the file does not say."""

    backend: bool | None = None
    frontend: bool | None = None
    infra: bool | None = None
    source: Literal["table", "flags", "prose", "yaml", "absent"] = "absent"
    text: str = ""
    notes: str | None = None
    warnings: tuple[str, ...] = ()


@value
class Story:
    """A ticket. `folder` is `{FEATURE_DIR}/{stage}/{STORY_ID}`, workspace-relative."""

    id: str
    title: str
    folder: str
    stage: str
    text: str
    autonomy_level: AutonomyLevel | None = None
    acceptance_criteria: tuple[Criterion, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def implementation(self) -> str:
        """The folder that a run writes its log files to, workspace-relative."""
        return f"{self.folder}/_implementation"


@value
class SettledDecision:
    """An entry of ARCHITECTURAL-DECISIONS.yaml, either of its two shapes, or an answer of the run.

    `context` is that of the question, where it is known. `act` is set for what was allowed (or refused) of an
    act of the engine's, the hash of its bytes: it was of those bytes alone and settles nothing else.
    """

    id: str
    question: str
    decision: str
    rationale: str | None = None
    context: str | None = None
    act: Sha | None = None


@value
class KbEntry:
    """An entry of the knowledge base as a search found it (SPEC 8). `relevance` is 0 to 1, best first."""

    id: str
    content: str
    role: str = "all"
    entry_type: str = "note"
    tags: tuple[str, ...] = ()
    relevance: float = 0.0
    source: str = ""


# --- what passes between the engine and the model ---------------------------------------


@value
class Usage:
    """Tokens as the API counts them. Total input is the sum of the three input fields."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0

    @property
    def total_input(self) -> int:
        return self.input + self.cache_read + self.cache_write

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            input=self.input + other.input,
            output=self.output + other.output,
            cache_read=self.cache_read + other.cache_read,
            cache_write=self.cache_write + other.cache_write,
        )


@value
class TextBlock:
    text: str
    type: Literal["text"] = "text"


@value
class ThinkingBlock:
    """Thinking goes back to the API unchanged within a conversation: hence the signature."""

    thinking: str
    signature: str = ""
    type: Literal["thinking"] = "thinking"


@value
class RedactedThinkingBlock:
    data: str
    type: Literal["redacted_thinking"] = "redacted_thinking"


@value
class ToolCall:
    """A tool call as the model made it.

    `fault` is set when the input was not strict JSON (RELIABILITY: never executed);
    `input` is then empty.
    """

    id: str
    name: str
    input: JsonObject
    fault: str | None = None
    type: Literal["tool_use"] = "tool_use"


ReplyBlock: TypeAlias = TextBlock | ThinkingBlock | RedactedThinkingBlock | ToolCall


@value
class ToolAnswer:
    """What goes back to the model for one ToolCall."""

    call_id: str
    text: str
    is_error: bool = False
    type: Literal["tool_result"] = "tool_result"


@value
class ToolSpec:
    """A tool as the model sees it; `input_schema` is a JSON Schema object."""

    name: str
    description: str
    input_schema: JsonObject


# --- files, commands, checks, rules -----------------------------------------------------


@value
class FileChange:
    """One file before and after. A sha is None where there is no file; mode is st_mode & 0o7777.

    `folders` are the parent folders that were made for it, outermost first.
    """

    path: str
    action: Literal["create", "modify", "delete"]
    before: Sha | None
    after: Sha | None
    mode_before: int | None = None
    mode_after: int | None = None
    added: int = 0
    removed: int = 0
    bytes_after: int = 0
    folders: tuple[str, ...] = ()


@value
class CommandRun:
    """A command that the engine ran. `exit_code` is None when it never started or was killed."""

    argv: tuple[str, ...]
    cwd: str
    exit_code: int | None
    duration_s: float
    fault: str | None = None

    @property
    def shown(self) -> str:
        """The command as a person would type it (for reading, never for running)."""
        return " ".join(self.argv)

    @property
    def result(self) -> str:
        if self.fault:
            return self.fault
        return "passed" if self.exit_code == 0 else f"exit {self.exit_code}"


@value
class Diagnostic:
    """One message of a checker. `line` and `column` count from 1; None where it gave none."""

    path: str | None
    line: int | None
    column: int | None
    code: str | None
    severity: Severity
    message: str

    @property
    def place(self) -> str:
        spots = [self.path or "", *(str(n) for n in (self.line, self.column) if n is not None)]
        return ":".join(s for s in spots if s)


@value
class CheckResult:
    """The check after a chunk: one or more commands (one a package), all their diagnostics.

    `environment_fault` says why the check could not be made (command not found, out of
    memory, timeout, missing node_modules); it is not a fault of the code (SPEC 7).
    """

    commands: tuple[CommandRun, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    environment_fault: str | None = None
    output: Sha | None = None
    duration_s: float = 0.0

    @property
    def ok(self) -> bool:
        return self.environment_fault is None and all(c.exit_code == 0 for c in self.commands)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(d for d in self.diagnostics if d.severity == "error")

    @property
    def shown_command(self) -> str:
        return " && ".join(c.shown for c in self.commands) or "no check applies"


@value
class Finding:
    """A rule that a line of the chunk's diff breaks (SPEC 6)."""

    rule: str
    severity: RuleSeverity
    path: str
    line: int | None
    message: str


# --- the chunk's record -----------------------------------------------------------------


@value
class ChunkOpening:
    """What the worker says when it opens a chunk (SPEC 4.1)."""

    name: str
    objective: str
    steps: tuple[str, ...]
    criteria: tuple[str, ...] = ()


@value
class CommentAnswer:
    """What the worker says it did about a comment of the last review."""

    comment: str
    text: str


@value
class Citation:
    """An entry of the knowledge base that the worker used, and what for."""

    entry: str
    summary: str


@value
class ChunkSummary:
    """What the worker says when it closes a chunk (SPEC 4.3). Files and commands are the engine's."""

    summary: str
    reused: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    why_new: str = ""
    core_note: str = ""
    adapters_note: str = ""
    notes: str = ""
    steps_left_open: tuple[str, ...] = ()
    answers: tuple[CommentAnswer, ...] = ()
    cited: tuple[Citation, ...] = ()


# --- decisions --------------------------------------------------------------------------


@value
class Option:
    """One way to decide. `id` is `1`, `2`, ... as shown on the prompt."""

    id: str
    label: str
    pros: str = ""
    cons: str = ""


ActKind: TypeAlias = Literal["migration", "dependency", "script", "auth", "port", "ci"]

# The option by which what the engine asks about is allowed.
ALLOW = "1"


@value
class Act:
    """Something destructive or external that a write to `path` would do (SPEC 5).

    `what` names it there: the package, `DROP TABLE items`, `PORT to 3001`, `test: vitest | sh`. `tier`
    is 4 or 5.
    """

    kind: ActKind
    path: str
    what: str
    tier: int
    architectural: bool = False


@value
class DecisionRequest:
    """A choice that the plan does not cover, as raised by the worker or the engine (SPEC 5).

    The worker's own view (tier, risk, architectural, ...) can raise caution, never lower it.
    `subject` holds exactly what would happen, for engine-raised requests; `subject_sha` is the hash of its
    bytes, to which an approval is bound (RELIABILITY 7). `acts` are those of a write.
    """

    id: str
    title: str
    context: str
    options: tuple[Option, ...]
    raised_by: Literal["worker", "engine"] = "worker"
    recommendation: str | None = None
    rationale: str = ""
    confidence: float | None = None
    tier_view: int | None = None
    risk: Risk | None = None
    architectural: bool = False
    fallback: str | None = None
    has_project_convention: bool = False
    matches_existing_patterns: bool = False
    reading: Literal["minimal", "expansive"] | None = None
    blocks: tuple[str, ...] = ()
    subject: str | None = None
    subject_sha: Sha | None = None
    acts: tuple[Act, ...] = ()

    def option(self, option_id: str | None) -> Option | None:
        return next((o for o in self.options if o.id == option_id), None)


@value
class PolicyOutcome:
    """What the decision policy says, and why (SPEC 5, SPEC 13 `decide --json`).

    `tier` is None when unclassified. `choice` is the text of what was chosen, set for
    `auto` and `covered`. `basis` is `matrix`, `floor`, `architectural`,
    `preference:<id>`, `learned:<id>`, `covered:<id>`, `moonshot` or `autonomy`. `tier_by` is `human` when
    the supervisor gave the question another tier.
    """

    outcome: Literal["auto", "escalate", "defer", "covered"]
    tier: int | None
    tier_by: Literal["pattern", "worker", "unclassified", "human"]
    basis: str
    reasons: tuple[str, ...]
    category: str
    matched: tuple[str, ...] = ()
    architectural: bool = False
    choice: str | None = None


@value
class PreferenceNote:
    """What a supervisor wants remembered with an answer: `lock` it for the project, or `learn` it.

    `pattern` (RE2, case-insensitive, over title and context) says which later questions it is about.
    """

    kind: Literal["lock", "learn"]
    pattern: str


@value
class Answer:
    """A decision made. `decided_by` is `user`, `auto`, `answers file`, or `nobody` while it is queued.

    `rejected`: the recommendation of a queued decision was turned down. `subject_sha` is the hash of the
    act that was approved (or refused).
    """

    decision: str
    decided_by: str
    option: str | None = None
    note: str = ""
    rejected: bool = False
    subject_sha: Sha | None = None
    preference: PreferenceNote | None = None


@value
class ReviewComment:
    """A comment on the chunk (`path` None), a file (`line` None), a line of it, or those up to `end_line`.

    `id` (`C1`, `C2`, ...) is how the worker answers it. `side` says which side of the diff the numbers count
    on. `quote` is the text of the lines as they were shown. A `reject` turns a hunk down: "not this".
    """

    text: str
    path: str | None = None
    line: int | None = None
    end_line: int | None = None
    side: Literal["new", "old"] = "new"
    quote: str = ""
    kind: Literal["comment", "reject"] = "comment"
    id: str = ""


# --- settings that shape a run ----------------------------------------------------------


@value
class Budgets:
    """Limits of one run; None means none (SPEC 3)."""

    max_cost_usd: float | None = None
    max_tokens: int | None = None
    max_turns: int | None = None
    max_minutes: float | None = None


@value
class ScopeGlobs:
    """Gitignore-style globs of a worker profile. `outside` wins over `inside` (SPEC 6)."""

    inside: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()


@value
class CommandTemplate:
    """An argv that the worker may run. A part may be a hole: `{}` for one argument, `{package}` for the name
    of a package, `{...}` (at the end) for any number of arguments.

    `options` are those that `{...}` takes: `-q`, or `-k {}` for one with a value. It takes no other.
    """

    name: str
    argv: tuple[str, ...]
    description: str = ""
    options: tuple[str, ...] = ()


@value
class WorkerProfile:
    """A worker: its prompt and its bounds (SPEC 1). `prompt` is the body of the profile file.

    `mcp_tools` names servers (all of their tools) or single tools as `server__tool`; `kb` says whether the
    knowledge base is looked into for it.
    """

    name: str
    prompt: str
    log_file: str = "BACKEND-LOG.md"
    completion_signal: str = "BACKEND COMPLETE"
    scope: ScopeGlobs = ScopeGlobs()
    rules: tuple[tuple[str, Literal["block", "warn", "off"]], ...] = ()
    tools: tuple[str, ...] = ()
    commands: tuple[CommandTemplate, ...] = ()
    checks: tuple[str, ...] = ("auto",)
    architecture_document: str | None = None
    mcp_tools: tuple[str, ...] = ()
    kb: bool = True
    warnings: tuple[str, ...] = ()
