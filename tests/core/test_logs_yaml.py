"""The YAML files and BLOCKERS.md: added to, never rewritten."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import domain as d
from core import events as e
from core.logs.architectural import append_decision, read_settled
from core.logs.files import fold
from core.logs.yaml_list import next_id
from core.untrusted import visible
from core.yaml_file import YamlFault, parse_yaml
from tests.core.logs_run import Run

ENTRY: dict[str, Any] = {
    "id": "ARCH-002",
    "question": "Which: a\nor b?",
    "alternatives_considered": ["# c", "-"],
}
HAND_MADE = (
    "# ours, please keep\n"
    "story:   'WISH-001'   # quoted\n"
    "decisions:\n"
    "    - id: ARCH-001\n"
    '      question: "Where?"\n'
    "      decision: |+\n"
    "        core\n"
    "\n"
    "      # a note on it\n"
    "\n"
    "# the end\n"
    "owner: me\n"
)
SHAPES = (
    HAND_MADE,
    HAND_MADE.replace("\n", "\r\n"),
    HAND_MADE.replace("decisions:", "architectural_decisions:"),
    "\ufeffdecisions:\n- {id: ARCH-001, question: a}",
    "decisions: [{id: ARCH-001}]\n",
    "decisions: [{id: ARCH-001}, # why\n  ]\n",
    "decisions: [  # none yet\n  ]\n",
    "decisions:\n  - &a {id: ARCH-001}\n  - *a\n",
    "---\ndecisions:\n- id: ARCH-001\n...\n",
    "schema: 1\ndecisions:   # none yet\nowner: me\n",
    "# nothing yet\n",
)


def files(run: Run) -> dict[str, str]:
    return {name: content.decode() for name, content in fold(run.records, run.get_blob).items()}


# --- ARCHITECTURAL-DECISIONS.yaml -------------------------------------------------------


@pytest.mark.parametrize("text", SHAPES)
def test_an_entry_is_added_and_every_byte_of_the_file_kept(text: str) -> None:
    after = append_decision(text, ENTRY, "WISH-001")
    start = next(n for n, char in enumerate(after) if text[n : n + 1] != char)
    added = len(after) - len(text)
    assert any(after[:at] + after[at + added :] == text for at in range(start + 1))
    before = parse_yaml(text.removeprefix("\ufeff"), "f") or {}
    document = parse_yaml(after.removeprefix("\ufeff"), "f")
    assert isinstance(before, dict) and isinstance(document, dict)
    key = next((k for k in document if k.endswith("decisions")), "")
    assert document[key] == [*(before.get(key) or []), ENTRY]
    assert {k: v for k, v in document.items() if k in before and k != key} == {
        k: v for k, v in before.items() if k != key
    }
    assert append_decision(after, ENTRY, "WISH-001") == after


def test_an_entry_stands_in_the_indentation_and_line_ends_of_the_file() -> None:
    after = append_decision(
        HAND_MADE.replace("\n", "\r\n"), {"id": "ARCH-002", "decision": "b\nc"}, "WISH-001"
    )
    added = "    - id: ARCH-002\r\n      decision: |-\r\n        b\r\n        c\r\n"
    assert f"# a note on it\r\n{added}\r\n# the end" in after
    assert "\n" not in after.replace("\r\n", "")


def test_an_absent_file_starts_with_schema_and_story() -> None:
    assert append_decision("", {"id": "ARCH-001", "question": "a"}, "WISH-001") == (
        "schema: 1\nstory: WISH-001\ndecisions:\n  - id: ARCH-001\n    question: a\n"
    )


def test_an_empty_list_gives_way_to_the_first_entry() -> None:
    assert append_decision("decisions: []  # none\nowner: me\n", {"id": "ARCH-001"}, "S") == (
        "decisions:  # none\n  - id: ARCH-001\nowner: me\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "decisions: [\n",
        "- a\n",
        "decisions: 3\n",
        "x: &x [1]\ndecisions: *x\n",
        "b: &b {decisions: [1]}\n<<: *b\n",
        "{schema: 1}\n",
    ],
)
def test_a_file_that_can_not_be_added_to_is_a_fault(text: str) -> None:
    with pytest.raises(YamlFault, match=r"ARCHITECTURAL-DECISIONS\.yaml"):
        append_decision(text, ENTRY, "WISH-001")


@settings(max_examples=60, deadline=None)
@given(
    question=st.text(),
    listed=st.lists(
        st.text(alphabet=st.sampled_from("a:#-'\"|>&*!%@`{}[], \n\t\r\x85\u2028\u202e\ufeff😀"), max_size=12),
        max_size=3,
    ),
    shape=st.sampled_from(SHAPES),
)
def test_any_text_is_read_again_as_it_was_made_visible(question: str, listed: list[str], shape: str) -> None:
    entry = {"id": "ARCH-002", "question": question, "alternatives_considered": listed}
    after = append_decision(shape, entry, "WISH-001")
    document = parse_yaml(after.removeprefix("\ufeff"), "f")
    assert isinstance(document, dict)
    last = next(v for k, v in document.items() if k.endswith("decisions"))[-1]
    shown = [visible(text.replace("\r\n", "\n")) for text in (question, *listed)]
    assert [last["question"], *last["alternatives_considered"]] == shown


def test_both_shapes_are_read() -> None:
    settled, warnings = read_settled(
        "architectural_decisions:\n"
        "  - {id: A-1, question: Where, decision: core, timestamp: 2026-01-01T00:00:00Z}\n"
        "  - {title: Port, decision: 8080, rationale: is free}\n"
        "  - just text\n",
        "F.yaml",
    )
    assert settled == (
        d.SettledDecision(id="A-1", question="Where", decision="core"),
        d.SettledDecision(id="ARCH-002", question="Port", decision="8080", rationale="is free"),
    )
    assert warnings == ("F.yaml: entry 3: expected `question` and `decision`",)
    assert read_settled("decisions: [a: b: c", "F.yaml")[1][0].startswith("F.yaml:1: ")
    assert read_settled("# nothing\n", "F.yaml") == ((), ())


def test_the_answer_of_a_person_is_recorded() -> None:
    run = Run(earlier={"ARCHITECTURAL-DECISIONS.yaml": HAND_MADE.encode()})
    run.decide("escalate", "ARCH-002", rationale="As elsewhere")
    text = files(run)["ARCHITECTURAL-DECISIONS.yaml"]
    assert (
        "    - id: ARCH-002\n"
        "      question: Test naming\n"
        "      decision: test_x\n"
        "      rationale: As elsewhere\n"
        "      alternatives_considered:\n"
        "      - x_test\n"
        "      decided_at: 2026-02-06T10:00:03Z\n"
        "      decided_by: user\n"
    ) in text


# --- DECISIONS-AUTO.yaml ----------------------------------------------------------------


def test_auto_decisions_are_entries_and_others_only_count() -> None:
    run = Run()
    run.decide("escalate", None, id="d0", resolve=False)
    assert files(run) == {}
    run.decide("auto", "AUTO-001", id="d1", rationale="Short", fallback="Rename")
    run.decide("defer", None, id="d2")
    run.decide("covered", "AUTO-002", id="d3", title="Second")
    text = files(run)["DECISIONS-AUTO.yaml"]
    assert text.startswith(
        "schema: 1\nstory_id: WISH-001\ndecisions:\n  - id: AUTO-001\n    at: 2026-02-06T10:00:04Z\n"
    )
    assert text.endswith(
        "summary: {total_decisions: 4, auto_accepted: 2, escalated: 1, moonshots_deferred: 1}\n"
    )
    document = parse_yaml(text, "f")
    assert isinstance(document, dict)
    assert document["decisions"][0] == {
        "id": "AUTO-001",
        "at": "2026-02-06T10:00:04Z",
        "run": "run-1",
        "chunk": 1,
        "title": "Test naming",
        "tier": 1,
        "category": "clarification",
        "context": "Where?",
        "options_considered": ["test_x (+ as elsewhere)", "x_test"],
        "decision": "test_x",
        "rationale": "Short\nPolicy: tier 1 is auto at moderate\nFallback: Rename",
        "basis": "matrix",
        "confidence": 0.9,
        "autonomy_level": "moderate",
        "auto_accepted": True,
        "decided_by": "auto",
        "status": "accepted",
    }
    assert [each["title"] for each in document["decisions"]] == ["Test naming", "Second"]


def test_an_earlier_file_is_continued() -> None:
    earlier = (
        b"decisions:\n- id: AUTO-001  # by hand\nsummary:\n  escalated: 2\n  total_decisions: 3 # so far\n"
    )
    run = Run(earlier={"DECISIONS-AUTO.yaml": earlier})
    run.decide("auto", "AUTO-002")
    text = files(run)["DECISIONS-AUTO.yaml"]
    assert text.startswith("decisions:\n- id: AUTO-001  # by hand\n- id: AUTO-002\n")
    assert text.endswith("summary:\n  escalated: 2\n  total_decisions: 4 # so far\n")


def test_ids_go_on_from_the_highest_of_their_kind() -> None:
    assert next_id(["AUTO-009", "ARCH-050", "AUTO-x", "other"], "AUTO") == "AUTO-010"
    assert next_id([], "ARCH") == "ARCH-001"


# --- DEFERRED-BACKLOG.yaml --------------------------------------------------------------


def test_what_is_put_off_is_an_item_of_the_backlog() -> None:
    run = Run(earlier={"DEFERRED-BACKLOG.yaml": b"items:\n- id: DEF-004\n"})
    run.decide("defer", None, id="d1")
    run.decide("defer", None, id="d2", title="Later still", recommendation=None)
    document = parse_yaml(files(run)["DEFERRED-BACKLOG.yaml"], "f")
    assert isinstance(document, dict)
    assert document["items"][1] == {
        "id": "DEF-005",
        "title": "Test naming",
        "summary": "test_x",
        "context": "Where?",
        "recommendation": "test_x",
        "trigger": "moonshot",
        "story_id": "WISH-001",
        "tags": ["clarification"],
    }
    assert [(each["id"], each.get("recommendation")) for each in document["items"][2:]] == [("DEF-006", None)]


# --- BLOCKERS.md ------------------------------------------------------------------------


def blocked(run: Run, **raised: Any) -> str:
    run.record(
        e.BlockerRaised(
            **{"blocker_id": "b1", "kind": "architectural", "reason": "Shape", "chunk": 1, **raised}
        )
    )
    return files(run)["BLOCKERS.md"]


def test_an_architectural_blocker_has_the_form_of_the_seed() -> None:
    text = blocked(
        Run(),
        context="The route\n## Decision Required",
        needed="Which shape?",
        options=("Item", "Id only"),
        recommendation="Item",
        blocked_steps=("3", "4"),
    )
    assert text == (
        "<!-- blocker b1 of run run-1 -->\n"
        "## Architectural Decision Required\n"
        "\n"
        "**Context**: The route\n"
        "  \\## Decision Required\n"
        "**Decision Needed**: Which shape?\n"
        "**Options Identified**:\n"
        "1. Item\n"
        "2. Id only\n"
        "**Recommendation**: Item\n"
        "**Blocked Steps**: 3, 4\n"
    )


def test_a_failed_check_names_command_diagnostics_and_attempts() -> None:
    text = blocked(
        Run(earlier={"BLOCKERS.md": b"None"}),
        kind="check",
        reason="still fails",
        context="Add it",
        command="mypy .",
        diagnostics=("a.py:3: no x",),
        attempts=("initial: 1 errors", "fix 1: none fixed"),
    )
    assert text == (
        "None\n\n<!-- blocker b1 of run run-1 -->\n"
        "## Check Failed\n\n"
        "**Context**: Add it\n**Reason**: still fails\n**Command**: `mypy .`\n"
        "**Diagnostics**:\n- a.py:3: no x\n"
        "**Fix Attempts**:\n1. initial: 1 errors\n2. fix 1: none fixed\n"
        "**Blocked Steps**: None\n"
    )


def test_a_cleared_blocker_is_marked_and_not_deleted() -> None:
    run = Run()
    before = blocked(run, context="<!-- blocker b2 of run run-1 -->\n## x")
    blocked(run, blocker_id="b2", kind="worker")
    run.record(e.BlockerCleared(blocker_id="b2", how="user: go on"))
    text = files(run)["BLOCKERS.md"]
    assert text.startswith(before)
    assert "## Reported by the Worker\n\n**Status**: Resolved — user: go on\n\n**Context**: Shape\n" in text
    assert len(re.findall("Status", text)) == 1
