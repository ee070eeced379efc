"""Two runs side by side: which chunks belong together, what differs, where they part."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import events as ev
from core.compare import Comparison, compare
from core.compare_json import to_json
from core.compare_table import table
from core.domain import (
    Answer,
    CheckResult,
    CommandRun,
    DecisionRequest,
    Diagnostic,
    FileChange,
    Option,
    PolicyOutcome,
)
from core.journal_recording import open_recording
from core.log_recording import open_log
from tests.core.folded_recording import Contents, FoldedRecording, chunk, started
from tests.core.hostile_run import ACTING, everywhere, hostile_texts

JOURNALS = Path(__file__).resolve().parents[1] / "journals"
AUTO = PolicyOutcome(outcome="auto", tier=1, tier_by="pattern", basis="matrix", reasons=(), category="x")


def run(
    *chunks: list[ev.Event], blobs: Contents | None = None, model: str = "m", timed: bool = True
) -> FoldedRecording:
    events = [started(model=model), *(event for one in chunks for event in one)]
    return FoldedRecording(events, blobs, timed=timed)


def numbers(found: Comparison) -> list[tuple[int | None, int | None]]:
    return [(p.left.number if p.left else None, p.right.number if p.right else None) for p in found.pairs]


def answered(number: int, question: str, answer: str) -> list[ev.Event]:
    request = DecisionRequest(id=question, title=question, context="", options=(Option(id="1", label="a"),))
    asked = ev.DecisionRequested(chunk=number, call_id="t", request=request, policy=AUTO, autonomy="moderate")
    return [
        asked,
        ev.DecisionResolved(request_id=question, answer=Answer(decision=answer, decided_by="auto")),
    ]


def checked(number: int, attempt: int, *errors: str) -> list[ev.Event]:
    found = tuple(
        Diagnostic(path="a.py", line=1, column=1, code=None, severity="error", message=error)
        for error in errors
    )
    made = CommandRun(argv=("mypy",), cwd="", exit_code=1 if errors else 0, duration_s=1)
    result = CheckResult(commands=(made,), diagnostics=found)
    return [
        ev.CheckStarted(chunk=number, round=1, attempt=attempt, commands=(("mypy",),)),
        ev.CheckFinished(chunk=number, round=1, attempt=attempt, result=result),
    ]


# --- which belong together ----------------------------------------------------------------


def test_chunks_are_aligned_by_their_steps_whatever_their_number_and_name() -> None:
    left = run(chunk(1, name="model", steps=("1",)), chunk(2, name="service", steps=("2",)))
    right = run(chunk(1, name="other", steps=("2",)), chunk(2, name="model", steps=("1",)))
    assert numbers(compare(left, right)) == [(1, 2), (2, 1)]


def test_then_by_name_then_by_a_common_step() -> None:
    left = run(chunk(1, name="The Model", steps=()), chunk(2, name="x", steps=("2", "3")))
    right = run(chunk(1, name="y", steps=("3", "4")), chunk(2, name="the  model", steps=()))
    assert numbers(compare(left, right)) == [(1, 2), (2, 1)]


def test_a_chunk_of_the_right_run_alone_stands_where_it_came() -> None:
    left = run(chunk(1, name="a", steps=("1",)), chunk(2, name="c", steps=("3",)))
    right = run(*(chunk(n, name=name, steps=(str(n),)) for n, name in enumerate("abcd", start=1)))
    assert numbers(compare(left, right)) == [(1, 1), (None, 2), (2, 3), (None, 4)]


# --- what differs -------------------------------------------------------------------------


def test_a_run_does_not_part_from_itself() -> None:
    found = compare(open_recording(JOURNALS / "python"), open_recording(JOURNALS / "python"))
    assert found.parting is None and not found.set_up
    assert all(file.same for pair in found.pairs for file in pair.files)
    assert "do not part" in table(found)


def test_the_sample_runs_part_at_the_fix_of_the_second_chunk() -> None:
    found = compare(open_recording(JOURNALS / "python"), open_recording(JOURNALS / "python-blocked"))
    assert found.parting is not None
    assert (found.parting.pair, found.parting.aspect) == (1, "files")
    assert [pair.parts for pair in found.pairs] == [(), ("files", "checks", "review"), *[("chunk",)] * 3]
    second = found.pairs[1]
    assert [file.path for file in second.files if not file.same] == [
        "packages/backend/database/wishlist.py",
        "packages/core/wishlist/repository.py",
    ]
    left = open_recording(JOURNALS / "python").record(found.parting.left_seq).event
    assert isinstance(left, ev.ChunkStarted) and left.chunk == 2


def test_the_same_file_with_other_bytes_differs() -> None:
    contents = Contents()
    one, other = contents.change("a.py", None, "x\n"), contents.change("a.py", None, "y\n")
    found = compare(run(chunk(1, [one]), blobs=contents), run(chunk(1, [other]), blobs=contents))
    assert found.pairs[0].parts == ("files",) and found.pairs[0].files[0].same is False


def test_the_same_question_answered_differently() -> None:
    left = run(chunk(1, between=answered(1, "Which shape?", "short")))
    right = run(chunk(1, between=answered(1, "which  SHAPE?", "long")))
    found = compare(left, right)
    assert found.pairs[0].parts == ("decisions",)
    assert [(d.left, d.right, d.same) for d in found.decisions] == [("short", "long", False)]


def test_a_question_that_one_run_alone_was_asked() -> None:
    found = compare(run(chunk(1)), run(chunk(1, between=answered(1, "Which?", "this"))))
    assert [(d.left, d.right, d.asked_by_both) for d in found.decisions] == [(None, "this", False)]
    assert found.pairs[0].parts == ("decisions",)


def test_checks_differ_by_how_they_went_and_by_their_errors() -> None:
    clean, mended = checked(1, 0), [*checked(1, 0, "wrong"), *checked(1, 1)]
    found = compare(run(chunk(1, between=clean)), run(chunk(1, between=mended)))
    assert found.pairs[0].parts == ("checks",)
    one, other = checked(1, 0, "wrong"), checked(1, 0, "missing")
    found = compare(run(chunk(1, between=one)), run(chunk(1, between=other)))
    assert found.pairs[0].parts == ("checks",)


def test_what_was_different_from_the_start_is_said_first() -> None:
    found = compare(run(chunk(1), model="one"), run(chunk(1), model="two"))
    assert found.set_up == (("model", "one", "two"),) and found.parting is None


# --- a bare log -----------------------------------------------------------------------------


def test_what_a_log_does_not_know_is_no_difference() -> None:
    contents = Contents()
    journal = run(chunk(1, [contents.change("a.py", None, "x\n")], between=checked(1, 0)), blobs=contents)
    named = FileChange(path="a.py", action="create", before=None, after=None)
    found = compare(journal, run(chunk(1, [named]), timed=False))
    assert found.parting is None and found.pairs[0].files[0].same is None


def test_a_journal_against_its_own_log() -> None:
    journal = open_recording(JOURNALS / "python")
    log = open_log(JOURNALS / "python" / "expected" / "BACKEND-LOG.md")
    found = compare(journal, log)
    assert numbers(found) == [(n, n) for n in range(1, 6)]
    assert found.right.took is None and not found.right.timed
    assert found.parting is None and {file.same for pair in found.pairs for file in pair.files} == {None}
    assert [pair.right.told for pair in found.pairs if pair.right] == ["approved"] * 5


def test_a_log_of_other_tools_is_aligned_by_name_and_place(tmp_path: Path) -> None:
    path = tmp_path / "BACKEND-LOG.md"
    names = enumerate(("routes", "tables", "views"), start=1)
    path.write_text("".join(f"## Chunk {n} — {name}\n- Notes: x\n\n" for n, name in names))
    left = run(
        chunk(1, name="model", steps=("2",)),
        chunk(2, name="Routes", steps=("1",)),
        chunk(3, name="other", steps=("3",)),
    )
    found = compare(left, open_log(path))
    assert numbers(found) == [(1, None), (2, 1), (None, 2), (3, 3)]
    assert "in the log" in table(found) and found.right.steps_total == 0


# --- as text and JSON -----------------------------------------------------------------------


def test_the_json_is_as_documented() -> None:
    found = to_json(compare(open_recording(JOURNALS / "python"), open_recording(JOURNALS / "python-blocked")))
    json.dumps(found)
    parting = found["parting"]
    assert (parting["left_chunk"], parting["right_chunk"], parting["aspect"]) == (2, 2, "files")
    assert found["left"]["usage"] == {"input": 177339, "output": 6941, "cost_usd": None, "turns": 25}
    assert found["chunks"][2]["right"] is None and found["chunks"][2]["differ"] == ["chunk"]
    told = (JOURNALS.parents[1] / "docs" / "export.md").read_text("utf-8")
    for shape in (found["left"], found["parting"], found["chunks"][0]["files"][0], found["decisions"][0]):
        assert not [key for key in shape if f"`{key}`" not in told]


@pytest.mark.parametrize("words", ["Blocked", "8.9 s", "no such chunk", "right error", "Newest first"])
def test_the_table_tells_it(words: str) -> None:
    found = compare(open_recording(JOURNALS / "python"), open_recording(JOURNALS / "python-blocked"))
    assert words in table(found)


@settings(max_examples=25, deadline=None)
@given(text=hostile_texts, other=st.sampled_from(["plain", "</b>\x1b[2J"]))
def test_no_text_acts_on_a_terminal(text: str, other: str) -> None:
    shown = table(compare(everywhere(text), everywhere(other)))
    assert not ACTING.search(shown.replace("\n", ""))
