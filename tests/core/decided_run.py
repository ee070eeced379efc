"""A run of nothing but decisions, record by record, each judged by the real policy at the run's level."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core import events as ev
from core.blobs import sha_of
from core.decisions.configuration import DecisionConfig, built_in_config, parse_decision_config
from core.decisions.policy import decide
from core.domain import Answer, AutonomyLevel, DecisionRequest, Option, SettledDecision
from core.what_if import WhatIf, what_if
from tests.core.logs_run import Run

START = datetime(2026, 2, 6, 10, tzinfo=UTC)
OPTIONS = (Option(id="1", label="Left"), Option(id="2", label="Right"))


class DecidedRun:
    """`files` are the policy files that its journal names; None is a journal that does not say."""

    def __init__(
        self, files: dict[str, str] | None = None, level: AutonomyLevel = "moderate", **started: Any
    ) -> None:
        self.blobs: dict[str, bytes] = {}
        self.records: list[ev.Record] = []
        self.level = level
        self.config = parse_decision_config(files or {}, Path("config"))
        first = Run().started.event
        assert isinstance(first, ev.RunStarted)
        earlier = tuple((name, self.blob(text)) for name, text in started.pop("earlier", {}).items())
        self.record(
            replace(first, autonomy=level, policy_files=self.named(files), earlier=earlier, **started)
        )

    def blob(self, text: str) -> str:
        sha = sha_of(text.encode())
        self.blobs[sha] = text.encode()
        return sha

    def named(self, files: dict[str, str] | None) -> tuple[tuple[str, str], ...] | None:
        return None if files is None else tuple((name, self.blob(text)) for name, text in files.items())

    def record(self, event: ev.Event) -> None:
        seq = len(self.records) + 1
        at = START + timedelta(seconds=seq)
        self.records.append(ev.Record(seq=seq, run_id="run-1", at=at, event=event))

    def resume(self, files: dict[str, str]) -> None:
        self.record(
            ev.RunResumed(
                headless=True, model="m", scripted=True, review="never", policy_files=self.named(files)
            )
        )

    def ask(self, title: str, tier: int | None = 1, **fields: Any) -> str:
        """Raises a question; what the policy takes by itself is resolved at once. Gives its id."""
        request_id = f"D{len(self.records)}"
        given = {"context": "", "options": OPTIONS, "recommendation": "1", "risk": "low", **fields}
        request = DecisionRequest(id=request_id, title=title, tier_view=tier, **given)
        said = decide(request, config=self.config, autonomy=self.level, now=START)
        self.record(
            ev.DecisionRequested(chunk=1, call_id="c", request=request, policy=said, autonomy=self.level)
        )
        if said.outcome != "escalate":
            self.answer(request_id, said.choice or "deferred", by="auto")
        return request_id

    def answer(self, request_id: str, decision: str, by: str = "user", **more: Any) -> None:
        answer = Answer(decision=decision, decided_by=by, **more)
        self.record(ev.DecisionResolved(request_id=request_id, answer=answer))

    def overturn(self, request_id: str, decision: str) -> None:
        answer = Answer(decision=decision, decided_by="user")
        self.record(
            ev.DecisionOverturned(
                request_id=request_id, answer=answer, reason="no", chunks=(1,), recorded_as="ARCH-009"
            )
        )

    def save_preferences(self, request_id: str, text: str) -> None:
        self.record(
            ev.PreferenceSaved(
                request_id=request_id,
                action="locked",
                preference_id="P1",
                pattern="x",
                choice="y",
                file=self.blob(text),
            )
        )

    def what_if(self, fallback: DecisionConfig | None = None) -> WhatIf:
        return what_if(self.records, self.blobs.__getitem__, fallback or built_in_config())


def settled(question: str, decision: str) -> SettledDecision:
    return SettledDecision(id="ARCH-001", question=question, decision=decision)
