"""A small run, record by record, for the tests of the log files."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from core import domain as d
from core import events as e

START = datetime(2026, 2, 6, 10, 0, 0, tzinfo=UTC)


class Run:
    """Collects records and blobs; `record` numbers and dates them."""

    def __init__(self, **started: Any) -> None:
        self.blobs: dict[str, bytes] = {}
        self.records: list[e.Record] = []
        earlier = {name: self.blob(data) for name, data in started.pop("earlier", {}).items()}
        self.record(
            e.RunStarted(
                story=d.Story(
                    id="WISH-001",
                    title="Wishlist",
                    folder="f/in-progress/WISH-001",
                    stage="in-progress",
                    text="",
                ),
                plan=d.Plan(source="PLAN.yaml", text=""),
                scope=d.Scope(),
                settled=(),
                worker=started.pop("worker", d.WorkerProfile(name="backend", prompt="")),
                model="scripted",
                scripted=True,
                autonomy="moderate",
                autonomy_from="default",
                review="each",
                headless=True,
                budgets=d.Budgets(),
                signoff_version="0",
                earlier=tuple(earlier.items()),
            )
        )

    def blob(self, data: bytes) -> str:
        sha = hashlib.sha256(data).hexdigest()
        self.blobs[sha] = data
        return sha

    def get_blob(self, sha: str) -> bytes:
        return self.blobs[sha]

    def record(self, event: e.Event) -> e.Record:
        seq = len(self.records) + 1
        made = e.Record(seq=seq, run_id="run-1", at=START + timedelta(seconds=seq), event=event)
        self.records.append(made)
        return made

    @property
    def started(self) -> e.Record:
        return self.records[0]

    # --- events ------------------------------------------------------------------------

    def open(
        self, chunk: int = 1, name: str = "Wishlist service", objective: str = "Add the item model"
    ) -> None:
        opening = d.ChunkOpening(name=name, objective=objective, steps=("1",), criteria=("AC-1", "AC-3"))
        self.record(e.ChunkStarted(chunk=chunk, opening=opening))

    def change(self, path: str, before: bytes | None, after: bytes | None, chunk: int = 1) -> d.FileChange:
        action = "create" if before is None else "delete" if after is None else "modify"
        change = d.FileChange(
            path=path,
            action=action,  # type: ignore[arg-type]
            before=None if before is None else self.blob(before),
            after=None if after is None else self.blob(after),
        )
        self.record(e.FileChanged(chunk=chunk, call_id="c", change=change))
        return change

    def close(self, *files: d.FileChange, chunk: int = 1, round: int = 1, **said: Any) -> None:
        summary = d.ChunkSummary(**{"summary": "Added it", **said})
        commands = (d.CommandRun(argv=("pnpm", "test"), cwd="", exit_code=0, duration_s=1.0),)
        self.record(e.ChunkClosed(chunk=chunk, round=round, summary=summary, files=files, commands=commands))

    def check(
        self, *errors: str, chunk: int = 1, round: int = 1, attempt: int = 0, fault: str | None = None
    ) -> None:
        found = tuple(
            d.Diagnostic(path="a.py", line=3, column=1, code="attr", severity="error", message=each)
            for each in errors
        )
        run = d.CommandRun(argv=("mypy", "."), cwd="", exit_code=1 if errors else 0, duration_s=1.0)
        result = d.CheckResult(commands=(run,), diagnostics=found, environment_fault=fault)
        self.record(
            e.CheckFinished(chunk=chunk, round=round, attempt=attempt, result=result, new=len(errors))
        )

    def rules(self, *messages: str, chunk: int = 1, round: int = 1) -> None:
        findings = tuple(
            d.Finding(rule="no-todo", severity="block", path="a.py", line=2, message=m) for m in messages
        )
        self.record(e.RulesChecked(chunk=chunk, round=round, findings=findings))

    def decide(
        self,
        outcome: str,
        recorded_as: str | None,
        *,
        id: str = "d1",
        title: str = "Test naming",
        resolve: bool = True,
        batched: bool = False,
        **request: Any,
    ) -> None:
        asked = d.DecisionRequest(
            **{
                "id": id,
                "title": title,
                "context": "Where?",
                "options": (
                    d.Option(id="1", label="test_x", pros="as elsewhere"),
                    d.Option(id="2", label="x_test"),
                ),
                "recommendation": "1",
                "confidence": 0.9,
                **request,
            }
        )
        policy = d.PolicyOutcome(
            outcome=outcome,  # type: ignore[arg-type]
            tier=1,
            tier_by="worker",
            basis="matrix",
            reasons=("tier 1 is auto at moderate",),
            category="clarification",
        )
        self.record(
            e.DecisionRequested(
                chunk=1, call_id="c", request=asked, policy=policy, autonomy="moderate", batched=batched
            )
        )
        if resolve:
            by = "user" if outcome == "escalate" else "auto"
            answer = d.Answer(decision="test_x", decided_by=by, option="1")
            self.record(e.DecisionResolved(request_id=id, answer=answer, recorded_as=recorded_as))

    def overturn(self, id: str, decision: str, recorded_as: str, *, reason: str = "it is clearer") -> None:
        answer = d.Answer(decision=decision, decided_by="user", note=reason)
        self.record(
            e.DecisionOverturned(
                request_id=id, answer=answer, reason=reason, chunks=(1,), recorded_as=recorded_as
            )
        )

    def review(self, verdict: str, *comments: d.ReviewComment, chunk: int = 1, round: int = 1) -> None:
        self.record(
            e.ReviewResolved(
                request_id="r",
                chunk=chunk,
                round=round,
                verdict=verdict,  # type: ignore[arg-type]
                by="user",
                diff_hash="0",
                comments=comments,
            )
        )

    def finish(self, outcome: str = "complete", reason: str = "done") -> None:
        self.record(e.RunFinished(outcome=outcome, reason=reason, exit_code=0))  # type: ignore[arg-type]
