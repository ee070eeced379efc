"""The three policy files and ARCHITECTURAL-DECISIONS.yaml, edited by hand, survive a run."""

from __future__ import annotations

import asyncio
import difflib
from pathlib import Path

from core.commands import AnswerDecision, Command
from core.run_state import RunState
from tests.core.attended import attended
from tests.core.small_story import (
    IMPLEMENTATION,
    close_chunk,
    complete,
    edit,
    make_workspace,
    open_chunk,
    raise_decision,
    reply,
    script_file,
    start_run,
)

AUTONOMY = "# Ours.\ndefault_level:   moderate   # for now\nlevels: {moderate: {tier_2: 'escalate'}}\n"
CLASSIFICATION = "rules:\n  tier_2_preference:   # taste\n    patterns: [ 'envelope' , \"tone\" ]\n"
PREFERENCES = (
    "# What we learned.\n"
    "learned_preferences:\n"
    "\n"
    "  - pattern: 'which tone'   # wording\n"
    "    id:   L1\n"
    '    choice: "Long"\n'
    "    confidence: 0.97\n"
    "    applications: 9   # and counting\n"
    "    last_applied: 2099-01-01\n"
)
DECISIONS = (
    "schema: 1\n"
    "story: 'DEMO-001'   # this one\n"
    "decisions:\n"
    "# the first\n"
    '- {id: ARCH-001, question: "Which port?", decision: 3000}\n'
)
NAMES = {
    ".claude/config/autonomy.yaml": AUTONOMY,
    ".claude/config/decision-classification.yaml": CLASSIFICATION,
    ".claude/config/preferences.yaml": PREFERENCES,
    f"{IMPLEMENTATION}/ARCHITECTURAL-DECISIONS.yaml": DECISIONS,
}


def test_a_run_changes_two_lines_of_the_preferences_and_appends_to_the_decisions(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, NAMES)
    chunk = [
        reply(open_chunk(), raise_decision("Which tone has it?", tier=2)),
        reply(raise_decision("Which envelope has it?", tier=2), say="asks"),
        reply(edit("0", "1"), close_chunk()),
    ]
    run = start_run(root, script_file(tmp_path, chunk, [reply(complete())]), attended=True, review="never")

    def respond(state: RunState) -> list[Command]:
        return [AnswerDecision(request_id=p.request_id, option="1") for p in state.pending]

    assert asyncio.run(attended(run, respond)).outcome == "complete"
    after = {name: (root / name).read_text("utf-8") for name in NAMES}
    assert after[".claude/config/autonomy.yaml"] == AUTONOMY
    assert after[".claude/config/decision-classification.yaml"] == CLASSIFICATION
    removed, added = changed(PREFERENCES, after[".claude/config/preferences.yaml"])
    assert removed == ["    applications: 9   # and counting", "    last_applied: 2099-01-01"]
    assert added[0] == "    applications: 10   # and counting"
    assert added[1].startswith("    last_applied: 2") and len(added) == 2
    decisions = after[f"{IMPLEMENTATION}/ARCHITECTURAL-DECISIONS.yaml"]
    assert decisions.startswith(DECISIONS)
    assert "id: ARCH-002" in decisions and "decided_by: user" in decisions


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that went, and those that came."""
    lines = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    went, came = ([line[2:] for line in lines if line.startswith(sign)] for sign in ("- ", "+ "))
    return went, came
