from __future__ import annotations

from dataclasses import replace

from core.absorption import Absorption
from core.commands import AnswerDecision, ElaborateDecision, RetierDecision
from core.domain import PreferenceNote
from core.events import Record
from core.fold import fold
from core.run_state import DecisionState
from tests.tui import journal_of_a_run as journal
from tests.tui import journal_of_decisions as decisions
from tui.dock.decision_form import ELABORATE_QUESTION, FREE, DecisionForm, no_preference


def decision(history: list[Record]) -> DecisionState:
    return fold(history).decisions[-1]


def preference() -> DecisionForm:
    return DecisionForm(decision(journal.at_decision()))


def destructive() -> DecisionForm:
    return DecisionForm(decision(journal.at_tier_four()))


def test_choosing_an_option_answers_a_preference_at_once() -> None:
    form = preference().choose("option:2")
    assert form.command == AnswerDecision(request_id="D-2", option="2")


def test_the_cursor_starts_on_the_recommended_option_but_never_in_tier_four() -> None:
    assert preference().first_key == "option:1"
    assert destructive().decision.request.recommendation == "2"
    assert destructive().first_key == "option:1"


def test_a_free_answer_is_written_and_an_empty_one_refused() -> None:
    form = preference().choose(FREE)
    assert form.stage == "writing"
    empty = form.write("   ")
    assert empty.command is None
    assert "Write your answer" in empty.problem
    assert empty.write(" only the sku ").command == AnswerDecision(request_id="D-2", text="only the sku")


def test_tier_four_needs_the_word_for_an_option_and_for_a_free_answer() -> None:
    chosen = destructive().choose("option:2")
    assert (chosen.stage, chosen.command) == ("confirming", None)
    assert chosen.type_word("yes").command is None
    assert chosen.type_word("confirm").command == AnswerDecision(
        request_id="D-3", option="2", subject_sha="5" * 64
    )
    written = destructive().choose(FREE).write("rename it")
    assert (written.stage, written.command) == ("confirming", None)
    assert written.type_word("confirm").command == AnswerDecision(
        request_id="D-3", text="rename it", subject_sha="5" * 64
    )


def test_going_back_forgets_what_was_chosen() -> None:
    back = destructive().choose("option:2").back()
    assert (back.stage, back.option, back.type_word("confirm").command) == ("choosing", None, None)


def test_digits_are_rows_and_the_last_row_is_the_free_answer() -> None:
    form = preference()
    assert [form.key_at(n) for n in (0, 1, 2, 3, 4)] == [None, "option:1", "option:2", FREE, None]


def test_an_act_whose_end_was_not_seen_is_not_confirmed() -> None:
    chosen = destructive().choose("option:2")
    unseen = chosen.type_word("confirm", unseen=12)
    assert (unseen.stage, unseen.command) == ("confirming", None)
    assert "12 lines unseen" in unseen.problem
    assert unseen.type_word("confirm").stage == "done"


def test_another_tier_is_asked_for_and_the_question_stays_open() -> None:
    form = preference().retiering()
    assert form.first_key == "tier:2"
    moved = form.choose("tier:4")
    assert (moved.stage, moved.command) == ("choosing", RetierDecision(request_id="D-2", tier=4))
    assert form.choose("tier:2").command is None
    assert form.choose("option:1") is form


def test_a_new_tier_keeps_the_step_and_from_then_on_asks_for_the_word() -> None:
    writing = preference().choose(FREE)
    raised = writing.updated(decision(decisions.retiered(4)))
    assert raised.stage == "writing" and raised.deliberate
    assert raised.write("by sku").stage == "confirming"


def test_an_empty_question_to_the_worker_is_the_usual_one() -> None:
    asked = preference().elaborating().elaborate("  ")
    assert asked.command == ElaborateDecision(request_id="D-2", question=ELABORATE_QUESTION)
    assert asked.stage == "choosing"


def test_a_preference_needs_a_preview_without_a_problem() -> None:
    form = preference().preferring("learn", "option:2")
    assert form.prefer("shape", None).command is None
    refused = form.prefer("shape", Absorption(problem="it does not match"))
    assert (refused.command, refused.problem) == (None, "it does not match")
    note = PreferenceNote(kind="learn", pattern="shape")
    taken = AnswerDecision(request_id="D-2", option="2", preference=note)
    assert form.prefer(" shape ", Absorption(looked_at=3)).command == taken


def test_what_became_tier_four_meanwhile_is_no_preference_any_more() -> None:
    form = preference().preferring("lock", "option:1").updated(decision(decisions.retiered(4)))
    assert form.prefer("shape", Absorption(looked_at=3)).command is None


def test_what_no_preference_decides_is_said() -> None:
    asked = preference().decision
    architectural = replace(asked, policy=replace(asked.policy, architectural=True))
    always = replace(asked, policy=replace(asked.policy, basis="floor"))
    assert no_preference(asked) == ""
    assert "architectural" in no_preference(architectural)
    assert "decision-classification.yaml" in no_preference(always)
    assert "act at hand" in no_preference(destructive().decision)
