"""Answering a decision, step by step. Pure: the prompt shows it and feeds it what was chosen or typed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from core.commands import AnswerDecision, ElaborateDecision, RetierDecision
from core.domain import DecisionRequest, PreferenceNote
from core.run_state import DecisionState

if TYPE_CHECKING:
    from core.absorption import Absorption

CONFIRM_WORD = "confirm"
FREE = "option:free"
OPTION = "option:"
TIER = "tier:"
TIERS = (1, 2, 3, 4, 5)
DELIBERATE_TIER = 4
PREFERENCE_TIERS = (1, 2, 3)
ELABORATE_QUESTION = "Please say more: what are the trade-offs, and what would you do if I don't answer?"

Stage = Literal["choosing", "writing", "confirming", "retiering", "elaborating", "preferring", "done"]
PreferenceKind = Literal["lock", "learn"]
FormCommand: TypeAlias = AnswerDecision | RetierDecision | ElaborateDecision

TYPED: frozenset[Stage] = frozenset({"writing", "confirming", "elaborating", "preferring"})
"""The stages in which a line is typed."""


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """`option` or `text` is what was chosen so far; `problem` is one line on what is missing.

    `command` is what the last step asks the run for: an answer ends the form, another tier or a question
    to the worker leaves it choosing. A tier 4 decision is answered only when the word was typed (UX: "a
    deliberate act"), whichever tier it had when it came up.
    """

    decision: DecisionState
    stage: Stage = "choosing"
    option: str | None = None
    text: str = ""
    preference: PreferenceKind = "lock"
    problem: str = ""
    command: FormCommand | None = None

    @property
    def deliberate(self) -> bool:
        return self.decision.policy.tier == DELIBERATE_TIER

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the rows in order: the tiers, or one an option and then the free answer."""
        if self.stage == "retiering":
            return tuple(f"{TIER}{tier}" for tier in TIERS)
        return (*(f"{OPTION}{o.id}" for o in self.decision.request.options), FREE)

    @property
    def first_key(self) -> str:
        """Where the cursor starts: the tier that holds, the recommended option; for tier 4 the first row."""
        if self.stage == "retiering":
            return f"{TIER}{self.decision.policy.tier}"
        recommended = f"{OPTION}{self.decision.request.recommendation}"
        return recommended if not self.deliberate and recommended in self.keys else self.keys[0]

    @property
    def chosen_label(self) -> str:
        option = self.decision.request.option(self.option)
        return option.label if option is not None else self.text

    @property
    def under_way(self) -> bool:
        """Whether the worker is being asked."""
        return any(e.under_way for e in self.decision.elaborations)

    def updated(self, decision: DecisionState) -> DecisionForm:
        """The same step, of the question as it stands now."""
        return self if decision is self.decision else replace(self, decision=decision, command=None)

    def key_at(self, number: int) -> str | None:
        """The row that the digit `number` stands for."""
        return self.keys[number - 1] if 1 <= number <= len(self.keys) else None

    # --- an answer ----------------------------------------------------------------------

    def choose(self, key: str) -> DecisionForm:
        """Takes the row with `key`: an option, the free answer, or a tier."""
        if key not in self.keys or self.stage not in ("choosing", "retiering"):
            return self
        if self.stage == "retiering":
            return self._retier(int(key.removeprefix(TIER)))
        if key == FREE:
            return replace(self, stage="writing", option=None, problem="")
        return replace(self, option=key.removeprefix(OPTION), text="")._chosen()

    def write(self, text: str) -> DecisionForm:
        if self.stage != "writing":
            return self
        if not text.strip():
            return replace(self, problem="Write your answer, or press esc to go back.")
        return replace(self, text=text.strip())._chosen()

    def type_word(self, word: str, unseen: int = 0) -> DecisionForm:
        """`unseen` counts the lines of what would happen that were never on the screen."""
        if self.stage != "confirming":
            return self
        if word.strip() != CONFIRM_WORD:
            return replace(
                self, problem=f"Not confirmed. Type the word {CONFIRM_WORD}, or press esc to go back."
            )
        if unseen:
            lines = "1 line" if unseen == 1 else f"{unseen} lines"
            return replace(
                self, problem=f"Scroll to the end of what would happen first ({lines} unseen): page down."
            )
        return self._answered()

    def back(self) -> DecisionForm:
        return DecisionForm(self.decision)

    def _chosen(self) -> DecisionForm:
        if self.deliberate:
            return replace(self, stage="confirming", problem="")
        return self._answered()

    def _answered(self, preference: PreferenceNote | None = None) -> DecisionForm:
        command = answer_to(self.decision.request, self.option, self.text, preference=preference)
        return replace(self, stage="done", problem="", command=command)

    # --- before the answer --------------------------------------------------------------

    def retiering(self) -> DecisionForm:
        return replace(self, stage="retiering", problem="", command=None)

    def _retier(self, tier: int) -> DecisionForm:
        if tier == self.decision.policy.tier:
            return self.back()
        return replace(self.back(), command=RetierDecision(request_id=self.decision.request.id, tier=tier))

    def elaborating(self) -> DecisionForm:
        if self.under_way:
            return replace(self.back(), problem="The worker has been asked already; its answer comes.")
        return replace(self, stage="elaborating", problem="", command=None)

    def elaborate(self, question: str) -> DecisionForm:
        if self.stage != "elaborating":
            return self
        command = ElaborateDecision(
            request_id=self.decision.request.id, question=question.strip() or ELABORATE_QUESTION
        )
        return replace(self.back(), command=command)

    # --- an answer that is to be remembered ---------------------------------------------

    def preferring(self, kind: PreferenceKind, key: str) -> DecisionForm:
        """For the option with `key`: it is answered with it, and the preference saved."""
        refusal = no_preference(self.decision)
        if not refusal and (key == FREE or key not in self.keys):
            refusal = "Choose an option first: a preference chooses one of them."
        if refusal:
            return replace(self.back(), problem=refusal)
        option = key.removeprefix(OPTION)
        return replace(self.back(), stage="preferring", option=option, preference=kind)

    def prefer(self, pattern: str, preview: Absorption | None) -> DecisionForm:
        """`preview` is what the screen says of just this pattern; None while it is being looked for."""
        if self.stage != "preferring":
            return self
        problem = no_preference(self.decision) or (preview.problem if preview is not None else "")
        if problem or preview is None:
            waits = "Earlier questions are still being looked through: enter again in a moment."
            return replace(self, problem=problem or waits)
        return self._answered(PreferenceNote(kind=self.preference, pattern=pattern.strip()))


def answer_to(
    request: DecisionRequest,
    option: str | None,
    text: str = "",
    *,
    note: str = "",
    rejected: bool = False,
    preference: PreferenceNote | None = None,
) -> AnswerDecision:
    """An answer to the very act that was shown (RELIABILITY 7)."""
    return AnswerDecision(
        request_id=request.id,
        option=option,
        text=text,
        note=note,
        rejected=rejected,
        subject_sha=request.subject_sha,
        preference=preference,
    )


def no_preference(decision: DecisionState) -> str:
    """Why no preference can ever decide a question like this one (SPEC 5.6), in one line; empty if it can."""
    policy = decision.policy
    if decision.request.raised_by == "engine":
        return "No preference can decide this: it is an act at hand, not a choice that comes again."
    if policy.tier is None:
        return "Give it a tier first (t): a preference decides tiers 1 to 3."
    if policy.tier not in PREFERENCE_TIERS:
        return f"No preference can decide tier {policy.tier}: it decides tiers 1 to 3."
    if policy.architectural:
        return "No preference can decide this: an architectural question always asks."
    if policy.basis == "floor":
        return "No preference can decide this: decision-classification.yaml always asks."
    return ""
