"""Decisions in every state that a screen can show, each as the end of a journal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core import events as ev
from core.domain import Answer, DecisionRequest, Option, PolicyOutcome, SettledDecision
from tests.tui import journal_of_a_run as journal
from tui.dock.decision_lines import TIER_NAMES

ASKED = journal.ASKED_DECISION


def then(history: list[ev.Record], *events: ev.Event) -> list[ev.Record]:
    last = history[-1]
    step = timedelta(seconds=journal.SECONDS_A_RECORD)
    return [
        *history,
        *(
            ev.Record(seq=last.seq + n, run_id=last.run_id, at=last.at + n * step, event=event)
            for n, event in enumerate(events, 1)
        ),
    ]


def question(
    request_id: str, title: str, *, tier: int | None = 2, recommended: bool = True
) -> DecisionRequest:
    return DecisionRequest(
        id=request_id,
        title=title,
        context="The plan leaves it open.",
        options=(
            Option(id="1", label="As items.py does", pros="one way for both", cons="more fields"),
            Option(id="2", label="The shortest form", pros="small"),
        ),
        recommendation="1" if recommended else None,
        tier_view=tier,
    )


def asked(
    request: DecisionRequest, tier: int | None = 2, *, batched: bool = False, chunk: int = 2
) -> ev.DecisionRequested:
    policy = PolicyOutcome(
        outcome="escalate",
        tier=tier,
        tier_by="worker" if tier else "unclassified",
        basis="floor" if tier == 4 else "matrix",
        reasons=(
            f"moderate asks for tier {tier}" if tier else "nothing classifies it: it is asked",
            "the worker says so" if tier else "no pattern matches, and the worker gave no view",
        ),
        category=TIER_NAMES.get(tier or 0, "unclassified").lower(),
    )
    return ev.DecisionRequested(
        chunk=chunk,
        call_id=f"call-{request.id}",
        request=request,
        policy=policy,
        autonomy="moderate",
        batched=batched,
    )


def answered(request_id: str, label: str = "As items.py does", recorded: str = "ARCH-007") -> ev.Event:
    answer = Answer(decision=label, decided_by="user", option="1")
    return ev.DecisionResolved(request_id=request_id, answer=answer, recorded_as=recorded)


def at_tier(tier: int | None) -> list[ev.Record]:
    return then(journal.working(), asked(question("D-9", "Where the price of a wish comes from"), tier))


def after_earlier_ones() -> list[ev.Record]:
    """D-2 waits; three questions were asked before it, two of them about a response's shape."""
    earlier = ("Response shape of GET /items", "Name of the index", "Shape of the error response")
    history = journal.records(journal.first_chunk(), journal.second_chunk_until_question()[:-1])
    for number, title in enumerate(earlier, start=20):
        history = then(history, asked(question(f"D-{number}", title)), answered(f"D-{number}"))
    prior = SettledDecision(
        id="ARCH-003", question="Response shape of POST /items", decision="The created item"
    )
    return then(history, replace(ASKED, prior=(prior,)))


def retiered(tier: int = 4) -> list[ev.Record]:
    policy = replace(
        ASKED.policy,
        tier=tier,
        tier_by="human",
        reasons=(f"user put it in tier {tier} (it was tier 2)", "a destructive decision always asks"),
    )
    event = ev.DecisionRetiered(request_id="D-2", tier=tier, policy=policy, by="user")
    return then(journal.at_decision(), event)


WHY = "What breaks if only the id is answered?"
SAID = (
    "The web client renders the card at once, from the answer.\n"
    "With the id alone it would have to ask again, and the card would flicker.\n"
    "Without an answer I would send the created item."
)


def asked_to_elaborate() -> list[ev.Record]:
    wanted = ev.ElaborationRequested(request_id="D-2", question=WHY, by="user")
    turn = ev.ModelTurnStarted(turn=9, chunk=2, request_bytes=9_000, about="D-2")
    return then(journal.at_decision(), wanted, turn)


def elaborated(text: str = SAID, fault: str = "") -> list[ev.Record]:
    said = ev.DecisionElaborated(request_id="D-2", question=WHY, text=text, fault=fault)
    return then(asked_to_elaborate(), said)


BATCH = (
    question("D-31", "Order of the wishes"),
    question("D-32", "Name of the limit"),
    question("D-33", "Currency of a price", recommended=False),
    question("D-34", "Page size of the list"),
)


def queued() -> list[ev.Record]:
    return then(journal.working(), *(asked(request, batched=True) for request in BATCH))


def batch_presented() -> list[ev.Record]:
    ids = tuple(request.id for request in BATCH)
    return then(queued(), ev.BatchPresented(batch_id="B-1", chunk=2, request_ids=ids))


REJECTED = Answer(decision="Not: As items.py does", decided_by="user", rejected=True, note="sort by date")


def batch_half_done() -> list[ev.Record]:
    return then(
        batch_presented(),
        ev.DecisionResolved(request_id="D-31", answer=REJECTED),
        answered("D-34"),
    )


def auto_decided() -> list[ev.Record]:
    """D-1 was taken by the policy in chunk 1; chunk 2 changes a file of chunk 1."""
    history = journal.records(journal.first_chunk(), journal.second_chunk_until_question()[:-1])
    table = replace(journal.created("domains/wishlist.py", 3), action="modify", before="a" * 64)
    return then(history, *journal.edit("t30", 2, table))


def overturned() -> list[ev.Record]:
    new = Answer(decision="wishes", decided_by="user", option="2")
    return then(
        auto_decided(),
        ev.DecisionOverturned(
            request_id="D-1",
            answer=new,
            reason="wishes is what the product calls them",
            chunks=(1, 2),
            recorded_as="ARCH-004",
        ),
    )


def remembered() -> list[ev.Record]:
    """D-2 after a re-tier and an elaboration, answered, its preference locked."""
    policy = replace(ASKED.policy, tier=3, tier_by="human")
    saved = ev.PreferenceSaved(
        request_id="D-2", action="locked", preference_id="response-shape", pattern="response.*shape",
        choice="Created item", file="f" * 64,
    )  # fmt: skip
    return then(
        elaborated(),
        ev.DecisionRetiered(request_id="D-2", tier=3, policy=policy, by="user"),
        answered("D-2", "Created item", "ARCH-001"),
        saved,
    )


def many_decided() -> list[ev.Record]:
    """What the policy took, what was asked, what was asked and decided otherwise."""
    history = then(after_earlier_ones(), answered("D-2", "Id only", "ARCH-001"))
    later = question("D-40", "Future export of the wishes, nice to have")
    return then(
        history,
        asked(later),
        answered("D-40"),
        overturned()[-1].event,
        asked(question("D-41", "Delete all sessions"), 4),
    )


def of_a_long_text() -> list[ev.Record]:
    context = "The plan says what is answered, and the story says something else about it. " * 4
    more = context.lower()
    request = replace(
        ASKED.request,
        title="Response shape of POST /wishlist, and of the errors that a duplicate and a missing item give",
        context="\n".join([context] * 3),
        options=tuple(
            replace(o, pros=f"{o.pros}, and {more}", cons=more) for o in ASKED.request.options
        ),
    )  # fmt: skip
    policy = replace(ASKED.policy, reasons=("a reason that goes on " * 8, *ASKED.policy.reasons))
    return then(journal.working(), replace(ASKED, request=request, policy=policy))


def of_a_long_subject(lines: int = 30) -> list[ev.Record]:
    subject = "\n".join(f"DELETE FROM saved_items WHERE id = {n};" for n in range(1, lines + 1))
    request = replace(journal.DESTRUCTIVE.request, subject=subject)
    return then(journal.working(), replace(journal.DESTRUCTIVE, request=request))
