"""The sample story through the real SDK, over HTTP, with the faults of a bad day."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from core import events as ev
from core.answers_file import load_answers
from core.demo import Sample, prepare_sample
from core.domain import ToolCall
from core.journal import read
from core.models.scripted import load_script
from core.session import RunOptions, start
from tests.protocol_script import scripted_answer, with_faults
from tests.protocol_server import ProtocolServer, http_fault


def prepared(folder: Path) -> Sample:
    return prepare_sample("python", None, folder / "w", environ=dict(os.environ), say=lambda _: None)


def run_over_http(sample: Sample, url: str) -> tuple[ev.RunFinished, list[ev.Record]]:
    environ = {**os.environ, "ANTHROPIC_API_KEY": "not-a-key", "ANTHROPIC_BASE_URL": url}
    options = RunOptions(
        environ=environ,
        model="anthropic:claude-opus-5-5",
        attended=False,
        answers=load_answers(sample.answers),
        trusted=True,
    )
    run = start(sample.feature_dir, sample.story_id, options)
    finished = asyncio.run(run.drive())
    return finished, read(run.folder)[1]


def test_the_story_completes_over_http_with_its_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNOFF_STATE_DIR", str(tmp_path / "state"))
    sample = prepared(tmp_path)
    # Request 8 would be answered by tool calls that write files: it is cut in the middle of them.
    faults = {
        1: http_fault(429, "rate_limit_error", "slow down", retry_after="0"),
        4: http_fault(529, "overloaded_error", "overloaded"),
        8: "cut",
    }
    turns = with_faults(scripted_answer(load_script(sample.script)), faults)  # type: ignore[arg-type]
    with ProtocolServer(turns) as server:
        finished, records = run_over_http(sample, server.url)
        requests = server.requests
    assert finished.outcome == "complete"
    failed = [r.event for r in records if isinstance(r.event, ev.ModelTurnFailed)]
    assert [f.kind for f in failed] == ["rate_limited", "overloaded", "cut"]
    whole = [
        block.id
        for r in records
        if isinstance(r.event, ev.ModelTurnFinished)
        for block in r.event.blocks
        if isinstance(block, ToolCall)
    ]
    started = [r.event.call_id for r in records if isinstance(r.event, ev.ToolStarted)]
    assert started == whole, "only calls of whole replies were executed, each once"
    assert requests[8] == requests[9], "the cut turn was asked again, with the same request"
    cost = [r.event.cost_usd for r in records if isinstance(r.event, ev.ModelTurnFinished)]
    assert all(c is not None and c > 0 for c in cost)


def test_the_prefix_of_a_conversation_is_byte_stable_and_marked_for_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNOFF_STATE_DIR", str(tmp_path / "state"))
    sample = prepared(tmp_path)
    with ProtocolServer(iter(with_faults(scripted_answer(load_script(sample.script)), {}))) as server:
        assert run_over_http(sample, server.url)[0].outcome == "complete"
        requests = server.requests
    first = requests[0]
    for request in requests:
        assert request["tools"] == first["tools"]
        assert request["system"][:2] == first["system"][:2], "instructions and documents, for the whole run"
        marks = str(request).count("cache_control")
        assert 1 <= marks <= 4
    fresh = [r for r in requests if len(r["messages"]) == 1]
    assert len(fresh) == 6, "five chunks and the completion, each with a fresh conversation"
    logs = [r["system"][2]["text"] for r in fresh]
    assert "Chunk 1" not in logs[0] and "## Chunk 4" in logs[4]
