"""A run as JSON and as a pull request's description."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import events as ev
from core.domain import Answer, DecisionRequest, FileChange, Finding, Option, PolicyOutcome
from core.exports.json import document
from core.exports.markdown import code, description, plain
from core.journal_recording import open_recording
from tests.core.folded_recording import Contents, FoldedRecording, chunk, started
from tests.core.hostile_run import ACTING, EVIL, everywhere, hostile_texts

JOURNALS = Path(__file__).resolve().parents[1] / "journals"


@pytest.fixture(scope="module")
def sample() -> Any:
    return json.loads("".join(document(open_recording(JOURNALS / "python"))))


# --- JSON -------------------------------------------------------------------------------


def test_it_names_its_shape_and_its_run(sample: Any) -> None:
    assert (sample["format"], sample["version"]) == ("signoff-export", 1)
    assert sample["run"]["state"] == "Complete" and sample["run"]["source"] == "journal"
    assert [step["status"] for step in sample["plan"]["steps"]] == ["done"] * 6


def test_a_chunk_has_all_that_happened_in_it(sample: Any) -> None:
    third = sample["chunks"][2]
    assert (third["number"], third["status"], third["steps"]) == (3, "approved", ["3"])
    assert [review["verdict"] for review in third["reviews"]] == ["request_changes", "approve"]
    assert third["reviews"][0]["comments"][0]["line"] == 26
    assert [check["ok"] for check in sample["chunks"][1]["checks"]] == [False, True]
    assert third["log_entry"].startswith("## Chunk 3")
    assert third["files"][0]["diff"].startswith("diff --git a/apps/api/services/wishlist/service.py")


def test_marks_and_decisions_are_in_it(sample: Any) -> None:
    assert [mark["kind"] for mark in sample["marks"]].count("decision") == len(sample["decisions"]) == 4
    assert {d["answer"]["decided_by"] for d in sample["decisions"]} == {"auto", "answers file"}


def test_the_documented_keys_are_those_that_are_there(sample: Any) -> None:
    told = (JOURNALS.parents[1] / "docs" / "export.md").read_text("utf-8")
    keys = {*sample, *sample["run"], *sample["chunks"][0], *sample["decisions"][0], *sample["marks"][0]}
    keys |= {*sample["chunks"][0]["files"][0], *sample["chunks"][0]["checks"][0]}
    keys |= {*sample["chunks"][0]["reviews"][0], *sample["plan"]["steps"][0], *sample["usage"]}
    assert {key for key in keys if f"`{key}`" not in told} == set()


def test_a_bare_log_has_null_where_it_knows_nothing() -> None:
    named = FileChange(path="a.py", action="create", before=None, after=None)
    log = FoldedRecording([started(), *chunk(1, [named])], timed=False, title="BACKEND-LOG.md")
    found = json.loads("".join(document(log)))
    assert found["run"]["source"] == "log" and found["run"]["started_at"] is None
    assert found["chunks"][0]["files"][0]["diff"] is None and found["chunks"][0]["started_at"] is None


def test_a_run_without_chunks_is_valid_too() -> None:
    assert json.loads("".join(document(FoldedRecording([]))))["chunks"] == []


@settings(max_examples=25, deadline=None)
@given(text=hostile_texts)
def test_any_text_comes_back_as_it_was(text: str) -> None:
    written = "".join(document(everywhere(text))).encode()
    found = json.loads(written)
    assert found["chunks"][0]["summary"]["summary"] == text
    assert found["decisions"][0]["title"] == text


# --- Markdown ---------------------------------------------------------------------------


def test_a_description_says_what_a_reviewer_asks() -> None:
    text = "".join(description(open_recording(JOURNALS / "python")))
    assert text.startswith("# WISH-001 Wishlist: add an item\n")
    for part in ("## What changed", "## Checks", "## How it was reviewed", "## Risks and notes"):
        assert part in text
    assert "- `apps/api/app.py` +4 −1\n" in text
    assert "5 chunks (1, 2, 3, 4, 5) approved by answers file: no human looked" in text
    assert "| 2 table and SQLite adapter | passed after 1 fix |" in text


def asked(by: str) -> list[ev.Event]:
    request = DecisionRequest(
        id="q", title="Which shape?", context="", options=(Option(id="1", label="Short"),)
    )
    policy = PolicyOutcome(
        outcome="escalate", tier=2, tier_by="pattern", basis="matrix", reasons=("asks",), category="x"
    )
    return [
        ev.DecisionRequested(chunk=1, call_id="t", request=request, policy=policy, autonomy="moderate"),
        ev.DecisionResolved(
            request_id="q", answer=Answer(decision="Short", decided_by=by, note="As in items.")
        ),
    ]


def test_decisions_of_a_human_stand_by_themselves() -> None:
    human = "".join(description(FoldedRecording([started(), *chunk(1, between=asked("user"))])))
    assert "## Decided by a human" in human and "As in items." in human
    nobody = "".join(description(FoldedRecording([started(), *chunk(1, between=asked("auto"))])))
    assert "## Decided by a human" not in nobody and "## Decided without a human" in nobody


def test_risks_are_what_stands_and_what_was_waived() -> None:
    finding = Finding(rule="todo", severity="warn", path="a.py", line=1, message="a TODO stays")
    waived = ev.FindingWaived(
        chunk=1,
        finding=Finding(rule="port", severity="block", path="b.py", line=1, message="a port"),
        reason="planned",
        by="user",
    )
    events = [started(), *chunk(1, between=[ev.RulesChecked(chunk=1, round=1, findings=(finding,)), waived])]
    text = "".join(description(FoldedRecording(events)))
    assert "Finding todo in `a.py`: a TODO stays" in text and "Waived by user: a port (planned)" in text


def test_a_chunk_that_was_put_back_says_so() -> None:
    contents = Contents()
    change = contents.change("a.py", None, "x\n")
    undone = ev.ChunkUndone(chunk=1, files=(change,), by="user")
    text = "".join(description(FoldedRecording([started(), *chunk(1, [change]), undone], contents)))
    assert "### 1. service (put back since)" in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# not a heading", "\\# not a heading"),
        ("1. not a list", "\\1. not a list"),
        ("ask @alice, see #12", "ask @<!-- -->alice, see #<!-- -->12"),
        ("https://example.org", "https:<!-- -->//example.org"),
        ("a|b <i>*x*</i> [y](z)", "a\\|b \\<i\\>\\*x\\*\\</i\\> \\[y\\](z)"),
        ("snake_case stays", "snake_case stays"),
        ("_x_", "\\_x\\_"),
    ],
)
def test_text_is_text(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(text=st.text(st.sampled_from("`|\n a"), max_size=20))
def test_a_code_span_ends_where_it_should(text: str) -> None:
    shown = code(text)
    words = " ".join(text.split())
    if words:
        fence = re.match("`+", shown)
        assert fence and shown.endswith(fence[0])
        inner = shown[len(fence[0]) : -len(fence[0])]
        assert fence[0] not in re.findall("`+", inner)
        assert inner.strip().replace("\\|", "|") == words


@settings(max_examples=25, deadline=None)
@given(text=st.one_of(hostile_texts, st.sampled_from(EVIL)))
def test_nothing_in_a_description_acts(text: str) -> None:
    written = "".join(description(everywhere(text)))
    written.encode()
    assert not ACTING.search(written)
    outside = re.sub(r"(?<![\\`])(`+)(?!`).*?(?<!`)\1(?!`)|<!-- -->", "", written)
    assert not re.search(r"(?<!\\)<[a-zA-Z/!]|(?<!\\)\]\(|(?<!\\)!\[", outside)
