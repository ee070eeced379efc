"""Which answers of a run let a destructive migration or a dependency pass, and which do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.answers_file import AnswersFile, DecisionAnswer
from tests.core.small_story import (
    complete,
    drive,
    edit,
    make_workspace,
    open_chunk,
    raise_decision,
    reply,
    script_file,
    start_run,
    write,
)

MANIFEST = "apps/api/package.json"
BEFORE = '{\n  "name": "api",\n  "dependencies": {\n    "hono": "1.0.0"\n  }\n}\n'
DROP = "apps/api/migrations/002_x.sql"
CLOSE = {"close_chunk": {"summary": "done", "reused": ["hono"]}}


def answered(option: str) -> AnswersFile:
    return AnswersFile(
        name="answers.yaml", decisions=(DecisionAnswer(match=".", option=option, text="", note=""),)
    )


@pytest.mark.parametrize(("option", "asked", "there"), [("1", 1, True), ("2", 2, False)])
def test_a_table_is_dropped_only_by_a_yes(tmp_path: Path, option: str, asked: int, there: bool) -> None:
    """A yes to the worker's question settles the drop; after a no the engine asks about the very bytes."""
    root = make_workspace(tmp_path)
    ask = raise_decision(
        title="Drop the table customers?", tier=4, options=[{"label": "Drop it"}, {"label": "Keep it"}]
    )
    drop = write(DROP, "DROP TABLE customers;\n")
    script = script_file(tmp_path, [reply(open_chunk(), ask), reply(drop, CLOSE)], [reply(complete())])
    run = start_run(root, script, review="never", answers=answered(option))
    drive(run)
    assert len(run.state.decisions) == asked
    assert (root / DROP).exists() == there
    assert not [f for f in run.state.chunks[0].findings if f.severity == "block"]


def test_what_the_policy_decided_alone_settles_no_dependency(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, {MANIFEST: BEFORE})
    ask = raise_decision(
        title="What to call the helper?", options=[{"label": "pad, after left-pad"}, {"label": "align"}]
    )
    add = edit('"hono": "1.0.0"', '"hono": "1.0.0",\n    "left-pad": "1.0.0"', MANIFEST)
    script = script_file(tmp_path, [reply(open_chunk(), ask), reply(add, CLOSE)], [reply(complete())])
    run = start_run(root, script)
    assert drive(run).exit_code == 3
    assert [d.policy.outcome for d in run.state.decisions] == ["auto", "escalate"]
    assert (root / MANIFEST).read_text() == BEFORE
