from __future__ import annotations

from core.commands import AnswerDecision
from core.events import Record
from core.fold import fold
from core.run_state import DecisionState
from tests.tui import journal_of_a_run as journal
from tui.dock.decision_form import FREE, DecisionForm


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
