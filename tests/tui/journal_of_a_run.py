"""A run as its journal would have it, made by hand: each screen state is a position in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from pathlib import Path

from core import events as ev
from core.absorption import Absorption, absorbed_earlier
from core.authorship import TheirLines
from core.chunk_records import records_of_chunk, stream_of
from core.commands import Command, CommandRefused
from core.decisions.configuration import built_in_config
from core.diff import DiffLine, FileDiff, Hunk
from core.domain import (
    Answer,
    Budgets,
    CheckResult,
    ChunkOpening,
    ChunkSummary,
    CommandRun,
    Criterion,
    DecisionRequest,
    Diagnostic,
    FileChange,
    Finding,
    Option,
    Plan,
    PolicyOutcome,
    Scope,
    Step,
    Story,
    TextBlock,
    ThinkingBlock,
    ToolCall,
    Usage,
    WorkerProfile,
)
from core.fold import apply, fold
from core.review_rounds import CommentOutcome
from core.run_state import Entry, RunState
from core.undo_plan import UndoPlan
from core.what_if import WhatIf, what_if
from tui.clock import Clock

RUN_ID = "20261124-1000-wish"
START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SECONDS_A_RECORD = 7
MYPY = ("mypy", "services", "routes")

STEPS = (
    Step(id="1", title="Wishlist table and model", line=10, criteria=("AC-1",)),
    Step(id="2", title="Wishlist service: add, refuse a duplicate", line=20, criteria=("AC-1", "AC-3")),
    Step(id="3", title="Route POST /wishlist", line=30, criteria=("AC-2",)),
    Step(id="4", title="Tests of service and route", line=40),
    Step(id="5", title="Request file and docs", line=50),
)
STORY = Story(
    id="WISH-001",
    title="Wishlist: add item",
    folder="docs/features/wishlist/in-progress/WISH-001",
    stage="in-progress",
    text="As a customer I want to keep items for later.",
    acceptance_criteria=(Criterion(id="AC-1", text="An item can be added"),),
)


def started() -> ev.RunStarted:
    return ev.RunStarted(
        story=STORY,
        plan=Plan(source="IMPLEMENTATION-PLAN.md", text="", steps=STEPS),
        scope=Scope(backend=True),
        settled=(),
        worker=WorkerProfile(name="backend", prompt=""),
        model="scripted",
        scripted=True,
        autonomy="moderate",
        autonomy_from="--autonomous",
        review="each",
        headless=False,
        budgets=Budgets(max_cost_usd=2.0),
        signoff_version="1.0",
        context_tokens=200_000,
    )


def turn(number: int, chunk: int, *blocks: TextBlock | ThinkingBlock | ToolCall) -> list[ev.Event]:
    usage = Usage(input=900 + 40 * number, output=420, cache_read=11_000, cache_write=600)
    return [
        ev.ModelTurnStarted(turn=number, chunk=chunk, request_bytes=40_000),
        ev.ModelTurnFinished(
            turn=number,
            chunk=chunk,
            blocks=blocks,
            stop_reason="tool_use",
            usage=usage,
            duration_s=4.2,
            cost_usd=0.031,
        ),
    ]


def tool(call_id: str, chunk: int, shown: str, *, error: str = "") -> list[ev.Event]:
    name = shown.split(" ", 1)[0]
    return [
        ev.ToolStarted(call_id=call_id, name=name, chunk=chunk, input={}, shown=shown),
        ev.ToolFinished(
            call_id=call_id,
            name=name,
            chunk=chunk,
            text=error or "done",
            is_error=bool(error),
            duration_s=0.012,
            bytes_read=3_400,
        ),
    ]


def edit(call_id: str, chunk: int, change: FileChange) -> list[ev.Event]:
    first, last = tool(call_id, chunk, f"edit {change.path}")
    return [first, ev.FileChanged(chunk=chunk, call_id=call_id, change=change), last]


def created(path: str, added: int) -> FileChange:
    return FileChange(path=path, action="create", before=None, after="a" * 64, added=added)


SERVICE = created("services/wishlist.py", 41)
ROUTE_STUB = FileChange(
    path="services/__init__.py", action="modify", before="b" * 64, after="c" * 64, added=1, removed=1
)

AUTO_DECISION = ev.DecisionRequested(
    chunk=1,
    call_id="t3",
    autonomy="moderate",
    request=DecisionRequest(
        id="D-1",
        title="Name of the table",
        context="The plan names no table.",
        options=(Option(id="1", label="wishlist_items"), Option(id="2", label="wishes")),
        recommendation="1",
        tier_view=1,
        confidence=0.9,
    ),
    policy=PolicyOutcome(
        outcome="auto",
        tier=1,
        tier_by="worker",
        basis="matrix",
        reasons=("the worker sees a clarification", "moderate takes tier 1 by itself"),
        category="clarification",
        choice="wishlist_items",
    ),
)
ASKED_DECISION = ev.DecisionRequested(
    chunk=2,
    call_id="t9",
    autonomy="moderate",
    request=DecisionRequest(
        id="D-2",
        title="Response shape of POST /wishlist",
        context='The plan says "returns the item" but not which fields.\nGET /items answers the whole item.',
        options=(
            Option(id="1", label="Created item", pros="matches GET /items", cons="a bigger payload"),
            Option(id="2", label="Id only", pros="small", cons="a second round trip"),
        ),
        recommendation="1",
        rationale="the web client shows the item at once",
        tier_view=2,
        blocks=("3", "4"),
    ),
    policy=PolicyOutcome(
        outcome="escalate",
        tier=2,
        tier_by="pattern",
        basis="matrix",
        reasons=("pattern `response shape` says tier 2", "moderate asks for tier 2, no locked preference"),
        category="preference",
    ),
)
DESTRUCTIVE = ev.DecisionRequested(
    chunk=2,
    call_id="t14",
    autonomy="moderate",
    request=DecisionRequest(
        id="D-3",
        title="Drop the column items.saved",
        context="The migration drops a column that still holds data.",
        raised_by="engine",
        options=(
            Option(id="1", label="Keep the column", pros="nothing is lost"),
            Option(id="2", label="Drop it", pros="a clean schema", cons="its data is gone"),
        ),
        recommendation="2",
        blocks=("1",),
        subject="ALTER TABLE items DROP COLUMN saved;\nDELETE FROM saved_items\n  WHERE owner IS NULL;",
        subject_sha="5" * 64,
    ),
    policy=PolicyOutcome(
        outcome="escalate",
        tier=4,
        tier_by="pattern",
        basis="floor",
        reasons=("pattern `drop column` says tier 4", "tier 4 always asks"),
        category="destructive",
    ),
)


def first_chunk() -> list[ev.Event]:
    table = created("domains/wishlist.py", 22)
    opening = ChunkOpening(
        name="wishlist table", objective="The model and its table", steps=("1",), criteria=("AC-1",)
    )
    summary = ChunkSummary(summary="Adds WishlistItem with a unique (owner, sku).")
    run = CommandRun(argv=MYPY, cwd="", exit_code=0, duration_s=2.1)
    return [
        ev.ConversationStarted(chunk=1),
        *turn(1, 1, TextBlock(text="I start with the table, since the service rests on it.")),
        ev.ChunkStarted(chunk=1, opening=opening),
        ev.StepStarted(step="1", chunk=1),
        *tool("t1", 1, "read domains/items.py"),
        AUTO_DECISION,
        ev.DecisionResolved(request_id="D-1", answer=Answer(decision="wishlist_items", decided_by="auto")),
        *edit("t2", 1, table),
        ev.ChunkClosed(chunk=1, round=1, summary=summary, files=(table,), commands=()),
        ev.RulesChecked(chunk=1, round=1, findings=()),
        ev.CheckStarted(chunk=1, round=1, attempt=0, commands=(MYPY,)),
        ev.CheckFinished(chunk=1, round=1, attempt=0, result=CheckResult(commands=(run,), duration_s=2.1)),
        ev.ReviewRequested(request_id="R-1", chunk=1, round=1, diff_hash="1" * 64, files=(table,)),
        ev.ReviewResolved(
            request_id="R-1", chunk=1, round=1, verdict="approve", by="user", diff_hash="1" * 64
        ),
        ev.StepFinished(step="1", chunk=1),
        ev.ChunkFinished(chunk=1, verdict="approved"),
    ]


def second_chunk_until_question() -> list[ev.Event]:
    opening = ChunkOpening(
        name="wishlist service",
        objective="Add an item, refuse a duplicate",
        steps=("2",),
        criteria=("AC-1", "AC-3"),
    )
    return [
        ev.ConversationStarted(chunk=2),
        *turn(
            2,
            2,
            ThinkingBlock(thinking="The repository has a unit of work: the service opens no session."),
            TextBlock(text="Now the service. It takes the repository by its port, as items.py does."),
        ),
        ev.ChunkStarted(chunk=2, opening=opening),
        ev.StepStarted(step="2", chunk=2),
        *tool("t5", 2, "read services/items.py"),
        *tool("t6", 2, "search duplicate", error="no file matches `duplicate`"),
        *edit("t7", 2, SERVICE),
        *edit("t8", 2, ROUTE_STUB),
        ASKED_DECISION,
    ]


def second_chunk_until_review() -> list[ev.Event]:
    error = Diagnostic(
        path="services/wishlist.py",
        line=41,
        column=9,
        code="arg-type",
        severity="error",
        message='Argument 1 to "add" of "Repository" has incompatible type "str"; expected "Sku"',
    )
    other = Diagnostic(
        path="services/wishlist.py", line=12, column=1, code="name-defined", severity="error",
        message='Name "Sku" is not defined',
    )  # fmt: skip
    failed = CommandRun(argv=MYPY, cwd="", exit_code=1, duration_s=3.4)
    passed = CommandRun(argv=MYPY, cwd="", exit_code=0, duration_s=1.2)
    first = CheckResult(commands=(failed,), diagnostics=(error, other), duration_s=3.4)
    summary = ChunkSummary(
        summary="WishlistService.add refuses a duplicate; the repository stays behind its port.",
        reused=("ItemRepository",),
        notes="The route comes next.",
    )
    finding = Finding(
        rule="no-http-in-services",
        severity="warn",
        path="services/wishlist.py",
        line=7,
        message="imports a status code; services know no HTTP",
    )
    files = (SERVICE, ROUTE_STUB)
    return [
        ev.DecisionResolved(
            request_id="D-2",
            answer=Answer(decision="Created item", decided_by="user", option="1"),
            recorded_as="ARCH-001",
        ),
        ev.ChunkClosed(chunk=2, round=1, summary=summary, files=files, commands=()),
        ev.RulesChecked(chunk=2, round=1, findings=(finding,)),
        ev.CheckStarted(chunk=2, round=1, attempt=0, commands=(MYPY,)),
        ev.CheckFinished(chunk=2, round=1, attempt=0, result=first, new=2, remaining=2),
        *turn(3, 2, TextBlock(text="Two errors: I pass a Sku and import it.")),
        ev.CheckStarted(chunk=2, round=1, attempt=1, commands=(MYPY,)),
        ev.CheckFinished(
            chunk=2, round=1, attempt=1, result=CheckResult(commands=(passed,), duration_s=1.2), fixed=2
        ),
        ev.ReviewRequested(request_id="R-2", chunk=2, round=1, diff_hash="2" * 64, files=files),
    ]


def blocked_end() -> list[ev.Event]:
    reason = "the check still fails after two fix attempts"
    return [
        ev.BlockerRaised(
            blocker_id="B-1", kind="check", reason=reason, chunk=2, blocked_steps=("2",), command="mypy"
        ),
        ev.ChunkFinished(chunk=2, verdict="blocked"),
        ev.RunFinished(outcome="blocked", reason=reason, exit_code=4),
    ]


def records(*parts: list[ev.Event]) -> list[ev.Record]:
    events = [started(), *(event for part in parts for event in part)]
    return [
        ev.Record(seq=i, run_id=RUN_ID, at=START + timedelta(seconds=SECONDS_A_RECORD * i), event=event)
        for i, event in enumerate(events, start=1)
    ]


def working() -> list[ev.Record]:
    return records(first_chunk(), second_chunk_until_question()[:-1], turn(3, 2)[:1])


def at_decision() -> list[ev.Record]:
    return records(first_chunk(), second_chunk_until_question())


def at_tier_four() -> list[ev.Record]:
    return records(first_chunk(), second_chunk_until_question()[:-1], [DESTRUCTIVE])


def at_review() -> list[ev.Record]:
    return records(first_chunk(), second_chunk_until_question(), second_chunk_until_review())


def at_blocked() -> list[ev.Record]:
    return records(
        first_chunk(), second_chunk_until_question(), second_chunk_until_review()[:5], blocked_end()
    )


def service_diff() -> tuple[FileDiff, ...]:
    texts = (
        '"""Keeps items for later."""',
        "",
        "from domains.wishlist import Sku, WishlistItem",
        "from ports.repository import WishlistRepository",
        "",
        "",
        "from http import HTTPStatus",
        "class WishlistService:",
        "    def add(self, owner: str, sku: Sku) -> WishlistItem:",
        "        if self._repository.has(owner, sku):",
        "            raise AlreadyWished(owner, sku)",
        "        return self._repository.add(WishlistItem(owner=owner, sku=sku))",
    )
    added = tuple(DiffLine(kind="+", old_no=None, new_no=i, text=t) for i, t in enumerate(texts, start=1))
    init = (
        DiffLine(kind=" ", old_no=1, new_no=1, text="from services.items import ItemService"),
        DiffLine(kind="-", old_no=2, new_no=None, text='__all__ = ["ItemService"]'),
        DiffLine(kind="+", old_no=None, new_no=2, text='__all__ = ["ItemService", "WishlistService"]'),
    )
    return (
        FileDiff(
            path="services/wishlist.py",
            action="create",
            binary=False,
            hunks=(Hunk(old_start=0, old_count=0, new_start=1, new_count=len(added), lines=added),),
            added=len(added),
            removed=0,
        ),
        FileDiff(
            path="services/__init__.py",
            action="modify",
            binary=False,
            hunks=(Hunk(old_start=1, old_count=2, new_start=1, new_count=2, lines=init),),
            added=1,
            removed=1,
        ),
    )


LOG_ENTRY = """## Chunk 2 — wishlist service
- Objective (maps to story requirement/AC): Add an item, refuse a duplicate
- Files changed:
  - services/wishlist.py
  - services/__init__.py
- Summary of changes: WishlistService.add refuses a duplicate with AlreadyWished.
"""


class RecordedView:
    """A RunView whose position the test sets. It keeps what was submitted; `refuse` makes it refuse."""

    def __init__(self, history: list[ev.Record], *, live: bool = True) -> None:
        self.run_id = RUN_ID
        self.root = Path("workspace")
        self.live = live
        self.history = history
        self.submitted: list[Command] = []
        self.refuse = ""
        self.files = service_diff()
        self.entry = LOG_ENTRY
        self.blobs: dict[str, bytes] = {}
        self.texts: dict[str, tuple[bytes | None, bytes | None]] = {}
        self.plan: UndoPlan | None = None
        self.outcomes: tuple[CommentOutcome, ...] = ()
        self.theirs: dict[str, TheirLines] = {}
        self._state = fold(history)
        self._items: asyncio.Queue[ev.Record | ev.Delta | None] = asyncio.Queue()
        self._done: asyncio.Event = asyncio.Event()

    @property
    def state(self) -> RunState:
        return self._state

    def go_to(self, history: list[ev.Record]) -> None:
        """The run is now at the end of `history`; what is new in it goes through the stream."""
        goes_on = history[: len(self.history)] == self.history
        new = history[len(self.history) :]
        self._state = reduce(apply, new, self._state) if goes_on else fold(history)
        self.history = history
        for record in new:
            self._items.put_nowait(record)

    def say(self, delta: ev.Delta) -> None:
        self._items.put_nowait(delta)

    async def watch(self) -> AsyncIterator[ev.Record | ev.Delta]:
        while (item := await self._items.get()) is not None:
            yield item

    def submit(self, command: Command) -> None:
        if self.refuse:
            raise CommandRefused(self.refuse)
        self.submitted.append(command)

    def diff(self, chunk: int) -> tuple[FileDiff, ...]:
        return self.files

    def log_entry(self, chunk: int) -> str:
        return self.entry

    def entries(self, chunk: int) -> Sequence[Entry]:
        return stream_of(records_of_chunk(self.history, chunk), chunk)

    def contents(self, chunk: int, path: str) -> tuple[bytes | None, bytes | None]:
        return self.texts.get(path, (None, None))

    def their_lines(self, chunk: int, path: str) -> TheirLines:
        return self.theirs.get(path, TheirLines())

    def comment_outcomes(self, chunk: int) -> tuple[CommentOutcome, ...]:
        return self.outcomes

    def undo_plan(self) -> UndoPlan:
        if self.refuse or self.plan is None:
            raise CommandRefused(self.refuse or "no chunk is approved: there is nothing to undo")
        return self.plan

    def what_if(self) -> WhatIf:
        return what_if(self.history, self.blobs.__getitem__, built_in_config())

    def would_absorb(self, request_id: str, choice: str, pattern: str) -> Absorption:
        asked = self.state.decision(request_id)
        return absorbed_earlier(self.root, tuple(self.history), asked, choice, pattern)

    async def drive(self) -> ev.RunFinished:
        await self._done.wait()
        return ev.RunFinished(outcome="stopped", reason="stopped by the test", exit_code=5)


class SteppedClock:
    """A clock that moves when the test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.moment = START + timedelta(minutes=5)

    def advance(self, seconds: float) -> None:
        self.seconds += seconds

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.moment, monotonic=lambda: self.seconds)
