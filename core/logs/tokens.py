"""The token summary at the end of a log: the customer's estimate, and what the API measured."""

from __future__ import annotations

from collections.abc import Callable

from core.domain import Usage
from core.events import FileChanged, ModelTurnFinished, Record, RunResumed, RunStarted, ToolFinished
from core.logs.log_text import one_line
from core.run_state import RunState

BYTES_PER_TOKEN = 4  # the seed: tokens = bytes / 4


class TokenCount:
    """Counts a run's tokens from its records; `get_blob` gives the contents of files written."""

    def __init__(self, get_blob: Callable[[str], bytes]) -> None:
        self._get_blob = get_blob
        self._bytes_read = 0
        self._bytes_written = 0
        self._usage = Usage()
        self._cost = 0.0
        self._priced = False
        self._unpriced: list[str] = []
        self._model = ""

    def goes_on_from(self, state: RunState) -> None:
        """With what the records before had counted; they are not applied."""
        self._bytes_read, self._bytes_written = state.bytes_read, state.bytes_written
        self._usage, self._cost, self._priced = state.usage, state.cost_usd or 0.0, state.cost_usd is not None
        self._unpriced = [] if self._priced or not state.turns else [state.model]
        self._model = state.model

    def apply(self, record: Record) -> None:
        match record.event:
            case RunStarted() | RunResumed() as event:
                self._model = event.model
            case ToolFinished() as event:
                self._bytes_read += event.bytes_read
            case FileChanged() as event if event.change.after is not None:
                self._bytes_written += len(self._get_blob(event.change.after))
            case ModelTurnFinished() as event:
                self._count_turn(event)
            case _:
                pass

    def _count_turn(self, turn: ModelTurnFinished) -> None:
        self._usage += turn.usage
        if turn.cost_usd is not None:
            self._priced = True
            self._cost += turn.cost_usd
        elif self._model not in self._unpriced:
            self._unpriced.append(self._model)

    def summary(self) -> list[str]:
        """The lines of the block, heading first (SPEC 9)."""
        usage = self._usage
        return [
            "## Worker Token Summary",
            f"- Input: ~{self._bytes_read // BYTES_PER_TOKEN:,} tokens (files read)",
            f"- Output: ~{self._bytes_written // BYTES_PER_TOKEN:,} tokens (files written)",
            f"- Measured API usage: input {usage.input:,}, cache read {usage.cache_read:,}, "
            f"cache write {usage.cache_write:,}, output {usage.output:,} tokens",
            f"- Cost: {self._shown_cost()}",
        ]

    def _shown_cost(self) -> str:
        models = ", ".join(one_line(model) for model in self._unpriced)
        if not self._priced:
            return f"not priced (model {models})" if models else "no model turn"
        amount = f"${self._cost:.4f}" if 0 < self._cost < 0.01 else f"${self._cost:.2f}"
        return f"{amount} (without the turns of {models}: not priced)" if models else amount
