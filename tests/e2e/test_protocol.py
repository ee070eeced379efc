"""The sample story through the real SDK, over HTTP, with the faults of a bad day."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from core import events as ev
from core.answers_file import load_answers
from core.demo import Sample, prepare_sample
from core.domain import JsonObject, ToolCall
from core.journal import read
from core.models.scripted import load_script
from core.session import RunOptions, start
from tests.protocol_script import scripted_answer, with_faults
from tests.protocol_server import ProtocolServer, http_fault


class BadDay(NamedTuple):
    finished: ev.RunFinished
    records: list[ev.Record]
    requests: list[JsonObject]


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


@pytest.fixture(scope="module")
def bad_day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BadDay]:
    """The whole story over HTTP, with a 429, a 529 and a stream that is cut in the middle of tool calls."""
    folder = tmp_path_factory.mktemp("protocol")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIGNOFF_STATE_DIR", str(folder / "state"))
        sample = prepared(folder)
        faults = {
            1: http_fault(429, "rate_limit_error", "slow down", retry_after="0"),
            4: http_fault(529, "overloaded_error", "overloaded"),
            8: "cut",
        }
        turns = with_faults(scripted_answer(load_script(sample.script)), faults)  # type: ignore[arg-type]
        with ProtocolServer(turns) as server:
            finished, records = run_over_http(sample, server.url)
            yield BadDay(finished, records, server.requests)


def test_the_story_completes_with_its_faults(bad_day: BadDay) -> None:
    assert bad_day.finished.outcome == "complete"
    failed = [r.event for r in bad_day.records if isinstance(r.event, ev.ModelTurnFailed)]
    assert [f.kind for f in failed] == ["rate_limited", "overloaded", "cut"]


def test_only_calls_of_whole_replies_are_executed_each_once(bad_day: BadDay) -> None:
    whole = [
        block.id
        for r in bad_day.records
        if isinstance(r.event, ev.ModelTurnFinished)
        for block in r.event.blocks
        if isinstance(block, ToolCall)
    ]
    assert [r.event.call_id for r in bad_day.records if isinstance(r.event, ev.ToolStarted)] == whole
    assert bad_day.requests[8] == bad_day.requests[9], "the cut turn was asked again, as it was"


def test_every_turn_has_a_cost(bad_day: BadDay) -> None:
    cost = [r.event.cost_usd for r in bad_day.records if isinstance(r.event, ev.ModelTurnFinished)]
    assert cost and all(c is not None and c > 0 for c in cost)


def test_the_prefix_is_byte_stable_and_marked_for_the_cache(bad_day: BadDay) -> None:
    first = bad_day.requests[0]
    for request in bad_day.requests:
        assert request["tools"] == first["tools"]
        assert request["system"][:2] == first["system"][:2], "instructions and documents, for the whole run"
        assert 1 <= str(request).count("cache_control") <= 4


def test_each_chunk_is_a_fresh_conversation_with_the_log_as_memory(bad_day: BadDay) -> None:
    asked = [r for r in bad_day.requests if len(r["messages"]) == 1]
    logs = list(dict.fromkeys(r["system"][2]["text"] for r in asked))
    assert len(logs) == 6, "five chunks and the completion"
    assert "Chunk 1" not in logs[0] and "## Chunk 4" in logs[4]
