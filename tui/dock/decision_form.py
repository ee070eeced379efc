"""Answering a decision, step by step. Pure: the prompt shows it and feeds it what was chosen or typed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from core.commands import AnswerDecision
from core.run_state import DecisionState

CONFIRM_WORD = "confirm"
FREE = "option:free"
OPTION = "option:"
DELIBERATE_TIER = 4

Stage = Literal["choosing", "writing", "confirming", "done"]


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """`option` or `text` is what was chosen so far; `problem` is one line on what is missing.

    A tier 4 decision is done only when the word was typed (UX: "a deliberate act").
    """

    decision: DecisionState
    stage: Stage = "choosing"
    option: str | None = None
    text: str = ""
    problem: str = ""

    @property
    def deliberate(self) -> bool:
        return self.decision.policy.tier == DELIBERATE_TIER

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the rows in order: one an option, then the free answer."""
        return (*(f"{OPTION}{o.id}" for o in self.decision.request.options), FREE)

    @property
    def first_key(self) -> str:
        """Where the cursor starts: the recommended option; for tier 4 always the first row."""
        recommended = f"{OPTION}{self.decision.request.recommendation}"
        return recommended if not self.deliberate and recommended in self.keys else self.keys[0]

    def key_at(self, number: int) -> str | None:
        """The row that the digit `number` stands for."""
        return self.keys[number - 1] if 1 <= number <= len(self.keys) else None

    def choose(self, key: str) -> DecisionForm:
        if self.stage != "choosing" or key not in self.keys:
            return self
        if key == FREE:
            return replace(self, stage="writing", option=None, problem="")
        return replace(self, option=key.removeprefix(OPTION), text="")._chosen()

    def write(self, text: str) -> DecisionForm:
        if self.stage != "writing":
            return self
        if not text.strip():
            return replace(self, problem="Write your answer, or press esc to go back.")
        return replace(self, text=text.strip())._chosen()

    def type_word(self, word: str) -> DecisionForm:
        if self.stage != "confirming":
            return self
        if word.strip() != CONFIRM_WORD:
            return replace(
                self, problem=f"Not confirmed. Type the word {CONFIRM_WORD}, or press esc to go back."
            )
        return replace(self, stage="done", problem="")

    def back(self) -> DecisionForm:
        return replace(self, stage="choosing", option=None, text="", problem="")

    def _chosen(self) -> DecisionForm:
        return replace(self, stage="confirming" if self.deliberate else "done", problem="")

    @property
    def chosen_label(self) -> str:
        option = self.decision.request.option(self.option)
        return option.label if option is not None else self.text

    @property
    def command(self) -> AnswerDecision | None:
        """The answer to submit, once the form is done."""
        if self.stage != "done":
            return None
        return AnswerDecision(request_id=self.decision.request.id, option=self.option, text=self.text)
