"""Keeps preferences.yaml true to what happens in a run, and the journal true to the file (SPEC 5.7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from core import events as ev
from core.blobs import Blobs
from core.decisions.preferences import LearnedPreference
from core.policy_in_force import PolicyInForce
from core.preference_book import PreferenceBook, Saved
from core.run_state import DecisionState
from core.stream import Stream
from core.yaml_file import YamlFault

LEARNED = "learned:"


class PreferenceKeeper:
    """Writes on behalf of the supervisor: what they want remembered, and the counters of what was learned.

    A file that can't be written stays as it is, with a warning: the decision itself stands in the journal.
    """

    def __init__(self, stream: Stream, book: PreferenceBook, blobs: Blobs) -> None:
        self._stream = stream
        self._book = book
        self._blobs = blobs

    def catch_up(self) -> None:
        """What a crash kept from the file, or from the journal: it is counted once."""
        for decision in self._stream.state.decisions:
            self.settled(decision.request.id, again=True)
            self.overridden(decision.request.id, again=True)

    def settled(self, request_id: str, *, again: bool = False) -> None:
        """A decision was taken: remembers what the answer asks for, counts a learned one that decided it."""
        decision = self._decision(request_id)
        answer = decision.answer
        if answer is None or _has(decision, "locked", "learned", "applied"):
            return
        at = self._time_of(decision.answered_seq)
        if answer.preference is not None:
            note, title = answer.preference, decision.request.title
            self._save(request_id, lambda: self._book.remember(note, answer.decision, title=title, at=at))
        elif learned := _learned_basis(decision):
            known = self._entry_before(decision.answered_seq, learned) if again else None
            count = known.applications if known else None
            self._save(request_id, lambda: self._book.applied(learned, at, known=count))

    def overridden(self, request_id: str, *, again: bool = False) -> None:
        """A decision was overturned: counts against the learned preference that had taken it."""
        decision = self._decision(request_id)
        learned = _learned_basis(decision)
        if decision.overturned is None or not learned or _has(decision, "overridden"):
            return
        known = self._entry_before(decision.overturned_seq, learned) if again else None
        count = known.overrides if known else None
        self._save(request_id, lambda: self._book.overridden(learned, known=count))

    def _entry_before(self, seq: int, preference_id: str) -> LearnedPreference | None:
        """The entry as the journal had the file then."""
        policy = PolicyInForce(self._blobs.get, self._book.config)
        for record in self._stream.records:
            if record.seq < seq:
                policy.apply(record.event)
        return next((p for p in policy.config.preferences.learned if p.id == preference_id), None)

    def _decision(self, request_id: str) -> DecisionState:
        decision = self._stream.state.decision(request_id)
        assert decision is not None, "what was settled is in the state"
        return decision

    def _time_of(self, seq: int) -> datetime:
        return next(record.at for record in reversed(self._stream.records) if record.seq == seq)

    def _save(self, request_id: str, write: Callable[[], Saved]) -> None:
        try:
            saved = write()
        except (YamlFault, OSError) as fault:
            self._stream.emit(ev.WarningRaised(text=f"the preference was not saved: {fault}"))
            return
        self._stream.emit(
            ev.PreferenceSaved(
                request_id=request_id,
                action=saved.action,
                preference_id=saved.preference_id,
                pattern=saved.pattern,
                choice=saved.choice,
                file=self._blobs.put(saved.content),
            )
        )


def _learned_basis(decision: DecisionState) -> str:
    """The learned preference that took the decision by itself."""
    if decision.answer is None or decision.answer.decided_by != "auto":
        return ""
    basis = decision.policy.basis
    return basis.removeprefix(LEARNED) if basis.startswith(LEARNED) else ""


def _has(decision: DecisionState, *actions: str) -> bool:
    return any(saved.action in actions for saved in decision.saved)
