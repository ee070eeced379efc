"""Pictures of the decision prompt, the batch, the ledger and what-if, each in every state it has."""

from __future__ import annotations

from functools import partial

import pytest

from tests.tui import journal_of_decisions as decisions
from tests.tui.on_screen import NARROW
from tests.tui.shots import Compare, Shot, is_as_before
from tests.tui.test_hostile_text import hostile_question

NAMES = {1: "tier-1", 2: "tier-2", 3: "tier-3", 4: "tier-4", 5: "tier-5", None: "unclassified"}
SHOTS = (
    *(Shot(name, partial(decisions.at_tier, tier)) for tier, name in NAMES.items()),
    Shot("prior-narrow", decisions.after_earlier_ones, NARROW),
    Shot("prior-light", decisions.after_earlier_ones, theme="signoff-light"),
    Shot("long", decisions.of_a_long_text),
    Shot("long-narrow", decisions.of_a_long_text, NARROW),
    Shot("hostile", hostile_question),
    Shot("retier", decisions.after_earlier_ones, NARROW, keys=("t", "5")),
    Shot("retiered", decisions.retiered),
    Shot("lock", decisions.after_earlier_ones, keys=("l", *["backspace"] * 16)),
    Shot("lock-narrow", decisions.after_earlier_ones, NARROW, keys=("l", *["backspace"] * 20)),
    Shot("lock-refused", decisions.retiered, NARROW, keys=("l",)),
    Shot("elaborate", decisions.after_earlier_ones, NARROW, keys=("e",)),
    Shot("elaborating", decisions.asked_to_elaborate, NARROW),
    Shot("elaborated", decisions.elaborated),
    Shot("elaborated-narrow", decisions.elaborated, NARROW),
    Shot("elaboration-failed", partial(decisions.elaborated, "", "the model can't be reached")),
    Shot("subject-unseen", decisions.of_a_long_subject, NARROW, keys=("2", "enter", *"confirm", "enter")),
    Shot("queued", decisions.queued),
    Shot("batch", decisions.batch_presented),
    Shot("batch-narrow", decisions.batch_presented, NARROW, then=decisions.batch_half_done),
    Shot("batch-approve", decisions.batch_presented, keys=("A",)),
    Shot("batch-reject", decisions.batch_presented, keys=("2", "R", *"sort")),
    Shot("overturn", decisions.auto_decided, keys=("2", "v")),
    Shot("overturn-reason", decisions.auto_decided, NARROW, keys=("2", "v", "2", "enter", *"why")),
    Shot("overturned", decisions.overturned, keys=("2", "enter")),
    Shot("ledger", decisions.remembered, keys=("2", "enter")),
    Shot("what-if", decisions.many_decided, keys=("W",)),
    Shot("what-if-narrow", decisions.many_decided, NARROW, keys=("W", "down", "enter")),
    Shot("help", decisions.after_earlier_ones, keys=("question_mark",)),
)


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
def test_screen(snap_compare: Compare, shot: Shot) -> None:
    assert is_as_before(snap_compare, shot)
