"""Text of others can't act on the terminal, nor break the screen (RELIABILITY, promise 8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from core import events as ev
from core.diff import DiffLine, FileDiff, Hunk
from core.domain import (
    Answer,
    CheckResult,
    ChunkOpening,
    ChunkSummary,
    CommandRun,
    DecisionRequest,
    Diagnostic,
    FileChange,
    Finding,
    Option,
    PolicyOutcome,
    SettledDecision,
    Step,
    TextBlock,
    ThinkingBlock,
)
from tests.soak import only_in_soak
from tests.tui import journal_of_a_run as journal
from tests.tui import journal_of_decisions as decisions
from tests.tui.on_screen import NARROW, TINY, WIDE, Size, on_screen

HOSTILE = (
    "[/] [bold]x[/bold] [@click=app.quit]click[/] \x1b]52;c;aGk=\x07\x1b[2J\x1b[6n \x9b31m "
    "\u202eevil\u2066 \x00 \x08\x7f \u200b \ud800 {x} $primary \r\nsecond\tline\v\f\u2028 日本語🙂 e\u0301"
)


VISITS = (
    "1 end enter",
    "2 enter",
    "4 enter",
    "5",
    "6",
    "3",
    "d down",
    "escape",
    "e",
    "e",
    "0 enter",
    "escape",
    "o",
    "c x escape",
    "o",
    "m",
)


def hostile_run() -> list[ev.Record]:
    h = HOSTILE
    change = FileChange(path=h, action="create", before=None, after="a" * 64, added=1)
    run = CommandRun(argv=(h,), cwd=h, exit_code=1, duration_s=1.0)
    error = Diagnostic(path=h, line=1, column=1, code=h, severity="error", message=h)
    story = replace(journal.STORY, id=h, title=h)
    begin = journal.started()
    begin = replace(
        begin,
        story=story,
        plan=replace(begin.plan, steps=(Step(id=h, title=h, line=1, criteria=(h,)),)),
        model=h,
    )
    request = DecisionRequest(
        id="D-1",
        title=h,
        context=h,
        rationale=h,
        options=(Option(id="1", label=h, pros=h, cons=h),),
        blocks=(h,),
        subject=h,
    )
    policy = PolicyOutcome(outcome="escalate", tier=4, tier_by="worker", basis=h, reasons=(h, h), category=h)
    events: list[ev.Event] = [
        begin,
        ev.ConversationStarted(chunk=1),
        *journal.turn(1, 1, TextBlock(text=h), ThinkingBlock(thinking=h)),
        ev.ChunkStarted(chunk=1, opening=ChunkOpening(name=h, objective=h, steps=(h,), criteria=(h,))),
        ev.StepStarted(step=h, chunk=1),
        *journal.tool("t1", 1, h, error=h),
        *journal.edit("t2", 1, change),
        ev.CommandStarted(chunk=1, call_id="c", argv=(h,), cwd=h),
        ev.CommandFinished(chunk=1, call_id="c", run=run),
        ev.ScopeDenied(chunk=1, path=h, verdict="out", reason=h),
        ev.ModelTurnFailed(turn=2, chunk=1, attempt=1, kind=h, message=h, retry_in_s=1.0),
        ev.MessageSent(text=h, by=h),
        ev.ChunkClosed(
            chunk=1, round=1, summary=ChunkSummary(summary=h, notes=h), files=(change,), commands=(run,)
        ),
        ev.RulesChecked(
            chunk=1, round=1, findings=(Finding(rule=h, severity="block", path=h, line=1, message=h),)
        ),
        ev.CheckStarted(chunk=1, round=1, attempt=0, commands=((h,),)),
        ev.CheckFinished(
            chunk=1, round=1, attempt=0, result=CheckResult(commands=(run,), diagnostics=(error,))
        ),
        ev.DecisionRequested(chunk=1, call_id="d", request=request, policy=policy, autonomy="moderate"),
        ev.ReviewRequested(request_id="R", chunk=1, round=1, diff_hash="1" * 64, files=(change,)),
        ev.InputRequested(request_id="I", kind="conflict", title=h, detail=h, options=((h, h),), chunk=1),
        ev.BlockerRaised(blocker_id="B", kind="worker", reason=h, chunk=1),
    ]
    return [
        ev.Record(seq=n, run_id=journal.RUN_ID, at=journal.START, event=event)
        for n, event in enumerate(events, 1)
    ]


def hostile_question() -> list[ev.Record]:
    """Only the decision, so that it is what is in front."""
    asked = next(record.event for record in hostile_run() if isinstance(record.event, ev.DecisionRequested))
    prior = SettledDecision(id=HOSTILE, question=HOSTILE, decision=HOSTILE)
    asked = replace(asked, chunk=2, prior=(prior,), request=replace(asked.request, id="D-9"))
    return decisions.then(
        journal.working(),
        asked,
        ev.ElaborationRequested(request_id="D-9", question=HOSTILE, by=HOSTILE),
        ev.DecisionElaborated(request_id="D-9", question=HOSTILE, text=HOSTILE),
    )


def hostile_decisions() -> list[ev.Record]:
    """A decision that is overturned, one that is remembered, and a batch, all of them hostile."""
    h, option = HOSTILE, Option(id="1", label=HOSTILE)
    taken = replace(journal.AUTO_DECISION.request, title=h, context=h, options=(option,))
    queued = replace(decisions.question("D-31", h), options=(option,))
    saved = ev.PreferenceSaved(
        request_id="D-1", action="locked", preference_id=h, pattern=h, choice=h, file="f" * 64
    )
    return decisions.then(
        journal.working()[:1],
        ev.ConversationStarted(chunk=1),
        replace(journal.AUTO_DECISION, request=taken),
        ev.DecisionResolved(request_id="D-1", answer=Answer(decision=h, decided_by="auto"), recorded_as=h),
        saved,
        ev.DecisionOverturned(
            request_id="D-1", answer=Answer(decision=h, decided_by=h), reason=h, chunks=(1,), recorded_as=h
        ),
        replace(journal.AUTO_DECISION, request=replace(taken, id="D-8"), call_id="t8"),
        ev.DecisionResolved(request_id="D-8", answer=Answer(decision=h, decided_by="auto"), recorded_as=h),
        decisions.asked(queued, batched=True, chunk=1),
        ev.BatchPresented(batch_id=h, chunk=1, request_ids=("D-31",)),
    )


def ended(history: list[ev.Record]) -> list[ev.Record]:
    last = history[-1]
    event = ev.RunFinished(outcome="failed", reason=HOSTILE, exit_code=1)
    return [*history, replace(last, seq=last.seq + 1, event=event)]


def hostile_view(history: list[ev.Record]) -> journal.RecordedView:
    view = journal.RecordedView(history)
    line = DiffLine(kind="+", old_no=None, new_no=1, text=HOSTILE)
    hunk = Hunk(old_start=0, old_count=0, new_start=1, new_count=1, lines=(line,))
    view.files = (FileDiff(path=HOSTILE, action="create", binary=False, hunks=(hunk,), added=1, removed=0),)
    view.entry = HOSTILE
    return view


def control_characters(text: str) -> set[str]:
    controls = {c for c in text if ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0} - {"\n"}
    return controls | (set(text) & set("\u202e\u2066\u200b\u2028\ud800"))


@pytest.mark.parametrize("size", [pytest.param(WIDE, marks=only_in_soak), NARROW, TINY])
async def test_hostile_text_through_every_panel_and_prompt(size: Size) -> None:
    view = hostile_view(hostile_run())
    async with on_screen(view.history, size, view=view) as shown:
        seen = shown.text()
        for keys in VISITS:
            await shown.press(*keys.split())
            seen += shown.text()
        shown.view.say(ev.TextDelta(chunk=1, kind="text", text=HOSTILE))
        shown.view.say(ev.OutputDelta(chunk=1, source="check", text=HOSTILE))
        shown.view.refuse = HOSTILE
        await shown.press("x", "enter")
        await shown.go_to(ended(view.history))
        seen += shown.text()
        assert control_characters(seen) == set()
        assert "click[/]" in seen or size == TINY


QUESTION_KEYS = ("t", "escape", "e", "escape", "tab pagedown escape", "1 enter", "escape")
LEDGER_KEYS = (
    "A",
    "n",
    "R x",
    "escape",
    "enter",
    "l",
    "escape escape",
    "2 enter home enter v",
    "escape",
    "W enter",
    "escape",
)


@pytest.mark.parametrize("size", [pytest.param(WIDE, marks=only_in_soak), NARROW, TINY])
@pytest.mark.parametrize(
    ("history", "visits"), [(hostile_question, QUESTION_KEYS), (hostile_decisions, LEDGER_KEYS)]
)
async def test_hostile_text_through_every_stage_of_a_decision(
    history: Callable[[], list[ev.Record]], visits: tuple[str, ...], size: Size
) -> None:
    view = hostile_view(history())
    view.blobs["f" * 64] = b"project_preferences: []\n"
    async with on_screen(view.history, size, view=view) as shown:
        seen = shown.text()
        for keys in visits:
            await shown.press(*keys.split())
            seen += shown.text()
        assert control_characters(seen) == set()
        assert "click[/]" in seen or size == TINY


async def test_a_pasted_control_character_is_shown_not_sent_to_the_terminal() -> None:
    from textual.events import Paste

    async with on_screen(journal.working()) as shown:
        await shown.press("m")
        shown.app.post_message(Paste("a\x1b]0;x\x07b\r\nc"))
        await shown.settle()
        assert control_characters(shown.text()) == set()
        assert "␛]0;x␇b" in shown.text()
