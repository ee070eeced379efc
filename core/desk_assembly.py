"""Wires together what a run decides with: the desk, its policy and files, and who supervises."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from core import events as ev
from core.blobs import Blobs
from core.commands import Command, OverturnDecision, UndoChunk, WaiveFinding
from core.decision_desk import DecisionDesk, Policy
from core.decision_ids import DecisionIds
from core.decisions.configuration import DecisionConfig
from core.decisions.policy import decide, may_be_queued
from core.domain import AutonomyLevel, DecisionRequest, PolicyOutcome, SettledDecision
from core.inbox import Inbox
from core.logs.deferred import FILE as DEFERRED_FILE
from core.logs.deferred import deferred_of
from core.overturning import Overturning
from core.preference_book import PreferenceBook
from core.preference_keeper import PreferenceKeeper
from core.preparation import RunOptions, policy_folder
from core.prior_decisions import decisions_of_other_stories
from core.steering import Steering
from core.stream import Stream
from core.supervision import Supervision
from core.waiving import waive


class DeskParts(NamedTuple):
    desk: DecisionDesk
    supervision: Supervision
    steering: Steering
    inbox: Inbox


def make_desk(
    root: Path,
    stream: Stream,
    blobs: Blobs,
    started: ev.RunStarted,
    *,
    policy: DecisionConfig,
    options: RunOptions,
    undo: Callable[[UndoChunk], object],
    known_of: Callable[[str], tuple[SettledDecision, ...]] = lambda title: (),
) -> DeskParts:
    ids = DecisionIds(stream, _ids_before(started, blobs))
    book = PreferenceBook(policy_folder(root), policy)
    preferences = PreferenceKeeper(stream, book, blobs)
    overturning = Overturning(stream, ids, preferences)
    steering = Steering(stream)
    inbox = Inbox(_whole_run(stream, steering, overturning, undo))
    supervision = Supervision(stream, inbox, attended=options.attended, stand_in=options.answers)
    desk = DecisionDesk(
        stream,
        inbox,
        supervision,
        _judge(book, started),
        ids=ids,
        preferences=preferences,
        may_be_queued=may_be_queued,
        settled=started.settled,
        elsewhere=decisions_of_other_stories(root, started.story),
        known_of=known_of,
        deferred_before=_deferred_before(started, blobs),
    )
    return DeskParts(desk, supervision, steering, inbox)


def _whole_run(
    stream: Stream, steering: Steering, overturning: Overturning, undo: Callable[[UndoChunk], object]
) -> Callable[[Command], None]:
    def handle(command: Command) -> None:
        match command:
            case OverturnDecision():
                overturning.overturn(command)
            case WaiveFinding():
                waive(stream, command)
            case UndoChunk():
                undo(command)
            case _:
                steering.handle(command)

    return handle


def _judge(book: PreferenceBook, started: ev.RunStarted) -> Policy:
    """The policy with the configuration of the moment: what is remembered counts from then on."""

    def judge(
        request: DecisionRequest,
        *,
        autonomy: AutonomyLevel,
        settled: tuple[SettledDecision, ...],
        deferred_so_far: int,
        retiered: int | None = None,
    ) -> PolicyOutcome:
        return decide(
            request,
            config=book.config,
            autonomy=autonomy,
            plan_texts=((started.plan.source, started.plan.text),),
            settled=settled,
            now=datetime.now(UTC),
            deferred_so_far=deferred_so_far,
            retiered=retiered,
        )

    return judge


def _ids_before(started: ev.RunStarted, blobs: Blobs) -> tuple[str, ...]:
    """Ids that stand in the decision files of earlier runs, so that ours go on after them."""
    found = [decision.id for decision in started.settled]
    for name, sha in started.earlier:
        if name.endswith(".yaml"):
            found += re.findall(r"\b(?:AUTO|ARCH)-\d+\b", blobs.get(sha).decode("utf-8", "replace"))
    return tuple(found)


def _deferred_before(started: ev.RunStarted, blobs: Blobs) -> int:
    """What earlier runs of the story put off: the limit is of the story, not of one run (SPEC 5.5)."""
    sha = dict(started.earlier).get(DEFERRED_FILE)
    return 0 if sha is None else deferred_of(blobs.get(sha), started.story.id)
