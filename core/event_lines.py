"""One line per event, for runs without a screen. Everything from outside is made visible first."""

from __future__ import annotations

from typing import assert_never

from core import events as ev
from core.domain import CheckResult, TextBlock, ToolCall
from core.untrusted import visible

LONGEST = 160


def line_for(record: ev.Record) -> str | None:
    """`12:41:07  chunk 2   check  passed: mypy`, or None for events that say nothing to a reader."""
    said = _said(record.event)
    if said is None:
        return None
    chunk = getattr(record.event, "chunk", 0)
    place = f"chunk {chunk}" if chunk else "run"
    return f"{record.at:%H:%M:%S}  {place:<9} {_short(said)}"


def _short(text: str) -> str:
    line = visible(" ".join(text.split()), keep_newlines=False)
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _said(event: ev.Event) -> str | None:  # noqa: PLR0912, PLR0915 (one case an event)
    match event:
        case ev.RunStarted():
            model = f"{event.model} (scripted replies, no model is called)" if event.scripted else event.model
            return f"started {event.story.id} {event.story.title}: {event.autonomy}, model {model}"
        case ev.RunResumed():
            return "resumed" + "".join(f"; {found}" for found in event.found)
        case ev.RunFinished():
            return f"{event.outcome}: {event.reason} (exit {event.exit_code})"
        case ev.ChunkStarted():
            steps = ", ".join(event.opening.steps)
            return f"opened: {event.opening.name} (steps {steps})"
        case ev.ChunkClosed():
            return f"closed, round {event.round}: {counted(len(event.files), 'file')} changed"
        case ev.ChunkFinished():
            return f"finished: {event.verdict}"
        case ev.ChunkUndone():
            return f"undone by {event.by}: {counted(len(event.files), 'file')} put back"
        case ev.ChunkCommitted():
            return f"committed as {event.commit[:12]}" + (f" on {event.branch}" if event.branch else "")
        case ev.OutsideEditSeen():
            return f"changed outside the run: {event.path}"
        case ev.FindingWaived():
            return f"finding waived by {event.by}: {event.finding.rule} {event.finding.path}: {event.reason}"
        case ev.ChunkReverted():
            return f"reverted by {event.by}: {counted(len(event.files), 'file')} put back"
        case ev.ModelTurnFinished():
            return _turn(event)
        case ev.ModelTurnFailed():
            wait = "" if event.retry_in_s is None else f"; again in {event.retry_in_s:.0f} s"
            return f"model fault, {event.kind}: {event.message}{wait}"
        case ev.FileChanged():
            change = event.change
            return f"{change.action} {change.path} +{change.added} -{change.removed}"
        case ev.CommandFinished():
            return f"ran {event.run.shown}: {event.run.result}"
        case ev.ScopeDenied():
            return f"refused {event.path}: {event.reason}"
        case ev.RulesChecked():
            if not event.findings:
                return None
            return "rules: " + "; ".join(f"{f.severity} {f.rule} {f.path}" for f in event.findings)
        case ev.CheckFinished():
            attempt = "check" if event.attempt == 0 else f"check after fix {event.attempt}"
            return f"{attempt}: {_check(event.result)}"
        case ev.DecisionRequested():
            policy = event.policy
            why = policy.reasons[0] if policy.reasons else policy.basis
            outcome = "queued" if event.batched else policy.outcome
            return f"decision (tier {policy.tier or '?'}, {outcome}): {event.request.title}: {why}"
        case ev.DecisionResolved():
            return f"decided by {event.answer.decided_by}: {event.answer.decision}"
        case ev.DecisionRetiered():
            return f"tier {event.tier} now (set by {event.by}): {event.policy.reasons[0]}"
        case ev.ElaborationRequested():
            return f"asked by {event.by} to elaborate: {event.question}"
        case ev.DecisionElaborated():
            return f"elaborates: {event.text}" if event.text else f"not elaborated: {event.fault}"
        case ev.BatchPresented():
            return f"{counted(len(event.request_ids), 'queued decision')} put to the supervisor"
        case ev.DecisionOverturned():
            return f"overturned by {event.answer.decided_by}: {event.answer.decision} {event.reason}"
        case ev.PreferenceSaved():
            return f"preference {event.preference_id} {event.action}: {event.choice}"
        case ev.ReviewRequested():
            return f"review asked, round {event.round}: {counted(len(event.files), 'file')}"
        case ev.ReviewResolved():
            return f"review: {event.verdict.replace('_', ' ')} by {event.by} {event.comment}"
        case ev.InputRequested():
            return f"asks: {event.title}: {event.detail}"
        case ev.InputResolved():
            return f"answered: {event.option} by {event.by}"
        case ev.BlockerRaised():
            return f"blocked ({event.kind}): {event.reason}; see BLOCKERS.md"
        case ev.BlockerCleared():
            return f"blocker cleared: {event.how}"
        case ev.MessageSent():
            return f"message from {event.by}: {event.text}"
        case ev.Paused() | ev.Resumed() | ev.StopRequested():
            return f"{event.type.replace('_', ' ')} by {event.by}"
        case ev.AutonomyChanged():
            return f"autonomy is {event.level} (set by {event.by})"
        case ev.BudgetNeared():
            return f"budget: {event.used:g} of {event.limit:g} {event.kind} used"
        case ev.KnowledgeSearched():
            found = event.fault or ", ".join(entry.id for entry in event.found) or "nothing"
            return f"knowledge base: {event.query}: {found}"
        case ev.ServerChanged():
            what = f"available: {', '.join(event.tools)}" if event.available else f"unavailable: {event.why}"
            return f"tool server {event.server} is {what}"
        case ev.BudgetReached():
            return f"budget reached: {event.used:g} of {event.limit:g} {event.kind}"
        case ev.CompletionReported():
            return f"completion reported: {event.summary}"
        case ev.WarningRaised():
            return f"warning: {event.text}"
        case ev.UnknownEvent():
            return f"unknown event {event.name}"
        case (
            ev.ConversationStarted()
            | ev.StepStarted()
            | ev.StepFinished()
            | ev.ChunkUndoStarted()
            | ev.ModelTurnStarted()
            | ev.ToolStarted()
            | ev.ToolFinished()
            | ev.FileChangeStarted()
            | ev.CommandStarted()
            | ev.CheckStarted()
            | ev.MessageDelivered()
        ):
            return None
        case _:
            assert_never(event)


def _turn(event: ev.ModelTurnFinished) -> str:
    said = " ".join(b.text for b in event.blocks if isinstance(b, TextBlock))
    calls = ", ".join(b.name for b in event.blocks if isinstance(b, ToolCall))
    return f"turn {event.turn} [{calls or event.stop_reason}] {said}".rstrip()


def counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _check(result: CheckResult) -> str:
    if result.environment_fault:
        return f"could not run: {result.environment_fault}"
    if result.ok:
        return f"passed: {result.shown_command}"
    first = result.errors[0] if result.errors else None
    shown = f": {first.place} {first.message}" if first else ""
    return f"failed, {counted(len(result.errors), 'error')}{shown}"
