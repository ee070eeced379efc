"""What a supervisor can tell a run. Commands go in through the inbox; events come out."""

from __future__ import annotations

from typing import Literal, TypeAlias

from core.domain import AutonomyLevel, PreferenceNote, ReviewComment, ReviewVerdict, Sha, value


@value
class AnswerDecision:
    """Answers a pending decision, by option id or in free text; or turns a queued one down (`rejected`).

    For an engine-raised act `subject_sha` is that of the act that was shown: an answer to another is refused.
    """

    request_id: str
    option: str | None = None
    text: str = ""
    note: str = ""
    rejected: bool = False
    subject_sha: Sha | None = None
    preference: PreferenceNote | None = None
    by: str = "user"


@value
class RetierDecision:
    """Gives a pending decision another tier (1 to 5). The question goes on waiting."""

    request_id: str
    tier: int
    by: str = "user"


@value
class ElaborateDecision:
    """Has the worker say more about its question. The question goes on waiting."""

    request_id: str
    question: str
    by: str = "user"


@value
class OverturnDecision:
    """Replaces what was decided without a human, by option id or in free text."""

    request_id: str
    option: str | None = None
    text: str = ""
    reason: str = ""
    by: str = "user"


@value
class DeclineDecision:
    """The supervisor does not answer now: the run ends blocked on the question, in BLOCKERS.md."""

    request_id: str
    by: str = "user"


@value
class ReviewChunk:
    """A verdict on a chunk. `diff_hash` is that of the diff that was shown; an approval of
    anything else is void (SPEC 4.5)."""

    request_id: str
    verdict: ReviewVerdict
    diff_hash: str
    comment: str = ""
    comments: tuple[ReviewComment, ...] = ()
    by: str = "user"


@value
class FoldEdits:
    """The supervisor edited files of the chunk under review: they become part of it, as theirs, and the chunk
    passes its gate again before it is reviewed anew."""

    request_id: str
    by: str = "user"


@value
class WaiveFinding:
    """Lets a finding of the chunk under review pass. `reason` goes into the log."""

    chunk: int
    rule: str
    path: str
    line: int | None
    reason: str
    by: str = "user"


@value
class UndoChunk:
    """Takes the last approved chunk back. `conflicts` says, for each file that was edited since, what is to
    become of it: `keep` (as it is now), `merge` (the chunk's change taken out of it) or `back` (as it was
    before the chunk: the edits are given up)."""

    chunk: int
    conflicts: tuple[tuple[str, Literal["keep", "merge", "back"]], ...] = ()
    by: str = "user"


@value
class AnswerInput:
    """Answers a question of the engine itself: environment fault, conflict, unknown effect, budget."""

    request_id: str
    option: str
    text: str = ""
    by: str = "user"


@value
class SendMessage:
    """A message to the worker, delivered at the next model turn."""

    text: str
    by: str = "user"


@value
class Pause:
    by: str = "user"


@value
class Resume:
    by: str = "user"


@value
class Stop:
    """`boundary` stops when the open chunk is finished, `now` at once."""

    when: Literal["boundary", "now"] = "boundary"
    by: str = "user"


@value
class SetAutonomy:
    level: AutonomyLevel
    by: str = "user"


Command: TypeAlias = (
    AnswerDecision
    | RetierDecision
    | ElaborateDecision
    | OverturnDecision
    | DeclineDecision
    | ReviewChunk
    | FoldEdits
    | WaiveFinding
    | UndoChunk
    | AnswerInput
    | SendMessage
    | Pause
    | Resume
    | Stop
    | SetAutonomy
)


class CommandRefused(Exception):
    """The run does not take this command now. One line that says why."""
