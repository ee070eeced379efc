"""What a run makes of each fault of the model or its network: the line said, the exit code, the journal.

One that passes is met once in the middle of a tool call, and the run goes on; one that stays ends the run. In
no case is a partial call executed, is a request left hanging, or is the journal damaged.
"""

from __future__ import annotations

from functools import partial
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

import pytest

import core.assembly
from core import events as ev
from core.domain import ToolCall
from core.ending import COMPLETE, MODEL_FAULT
from core.models.anthropic_api import AnthropicModel
from core.models.scripted import load_script
from core.turn import Turns
from core.verify import verify
from tests.core import small_story as story
from tests.protocol_script import scripted_answer
from tests.protocol_server import (
    Answer,
    Ending,
    HttpFault,
    Planned,
    ProtocolServer,
    Turn,
    http_fault,
    text,
    tool,
)
from tui.cli import main

HALF_WRITTEN = tool("write_file", {"path": story.SERVICE, "content": "half = True\n"}, id="toolu_half")


def turn(ending: Ending = "whole", *, stop_reason: str | None = "tool_use", error_type: str = "x") -> Turn:
    return Turn(
        content=(text("I write"), HALF_WRITTEN), stop_reason=stop_reason, ending=ending, error_type=error_type
    )


class Fault(NamedTuple):
    """`kind` as the journal has it; `passes`: another try may not meet it."""

    name: str
    answer: Answer
    kind: str
    said: str
    passes: bool


FAULTS = (
    Fault("429", http_fault(429, "rate_limit_error", "slow down"), "rate_limited", "slow down", True),
    Fault(
        "429 for an hour",
        http_fault(429, "rate_limit_error", retry_after="3600"),
        "rate_limited",
        "HTTP 429",
        True,
    ),
    Fault("529", http_fault(529, "overloaded_error", "overloaded"), "overloaded", "HTTP 529", True),
    Fault("500", http_fault(500, "api_error"), "server", "HTTP 500", True),
    Fault("504", http_fault(504, "timeout_error"), "timeout", "HTTP 504", True),
    Fault("502, no JSON", HttpFault(status=502, body="<h1>\x1b[2JBad"), "server", "HTTP 502", True),
    Fault("closed in a call", turn("cut"), "cut", "broke off", True),
    Fault("no message_stop", turn("no_stop"), "cut", "broke off", True),
    Fault("dropped", turn("drop"), "cut", "broke off", True),
    Fault("reset", turn("reset"), "cut", "broke off", True),
    Fault("stalled", turn("stall"), "timeout", "no answer", True),
    Fault(
        "overloaded in mid-stream",
        turn("error", error_type="overloaded_error"),
        "overloaded",
        "mid-stream",
        True,
    ),
    Fault("error of tomorrow", turn("error", error_type="new_error"), "server", "mid-stream", True),
    Fault("400", http_fault(400, "invalid_request_error", "no"), "bad_request", "HTTP 400", False),
    Fault("401", http_fault(401, "authentication_error", "bad key"), "auth", "HTTP 401", False),
    Fault("404", http_fault(404, "not_found_error"), "bad_request", "HTTP 404", False),
    Fault("413", http_fault(413, "request_too_large"), "bad_request", "HTTP 413", False),
    Fault(
        "spend limit",
        http_fault(429, "rate_limit_error", x_should_retry="false"),
        "rate_limited",
        "HTTP 429",
        False,
    ),
    Fault("refusal", Turn(content=(), stop_reason="refusal"), "refused", "refused", False),
    Fault("context full", turn(stop_reason="model_context_window_exceeded"), "bad_request", "outgrew", False),
    Fault("unknown stop reason", turn(stop_reason="tea_time"), "bad_request", "tea_time", False),
)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIGNOFF_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("ANTHROPIC_API_KEY", "not-a-key")
    # Nobody waits for real: neither between two tries, nor for a stalled stream.
    monkeypatch.setattr(core.assembly, "Turns", partial(Turns, sleep=no_sleep))
    defaults = AnthropicModel.__init__.__kwdefaults__ or {}
    monkeypatch.setattr(AnthropicModel.__init__, "__kwdefaults__", {**defaults, "timeout_s": 0.5})
    return story.make_workspace(tmp_path)


async def no_sleep(seconds: float) -> None:
    assert 0 <= seconds <= 60, "a wait is bounded, whatever the server asks for"


def answers(tmp_path: Path) -> list[Planned]:
    script = story.script_file(
        tmp_path,
        [
            story.reply(story.open_chunk()),
            story.reply(story.edit("0", "1")),
            story.reply(story.close_chunk()),
        ],
        [story.reply(story.complete())],
    )
    return [scripted_answer(load_script(script))] * 4


def run(root: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, list[ev.Event], Path]:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
    monkeypatch.chdir(root)
    code = main(["run", str(story.FEATURE), story.STORY, "--headless", "--trust", "--review", "never"])
    (folder,) = (root / ".signoff/runs").iterdir()
    from core.journal import read

    assert verify(folder).ok
    return code, [record.event for record in read(folder)[1]], folder


def executed(said: list[ev.Event]) -> list[str]:
    return [event.call_id for event in said if isinstance(event, ev.ToolStarted)]


@pytest.mark.parametrize("fault", [f for f in FAULTS if f.passes], ids=lambda f: f.name)
def test_a_fault_that_passes_is_tried_again(
    root: Path,
    tmp_path: Path,
    fault: Fault,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    opened, *rest = answers(tmp_path)
    with ProtocolServer([opened, fault.answer, *rest]) as server:
        code, said, _ = run(root, server.url, monkeypatch)
        assert server.wait_until_left()
    assert code == COMPLETE
    failed = [event for event in said if isinstance(event, ev.ModelTurnFailed)]
    assert [(f.kind, f.retry_in_s is None) for f in failed] == [(fault.kind, False)]
    printed = capsys.readouterr().out
    line = next(line for line in printed.splitlines() if "model fault" in line)
    assert fault.said in line and "again in" in line and "\x1b" not in printed
    assert "toolu_half" not in executed(said)
    assert (root / story.SERVICE).read_text().endswith("TOTAL: int = 1\n")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.name)
def test_a_fault_that_stays_ends_the_run_so_that_it_can_be_resumed(
    root: Path, tmp_path: Path, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, *_ = answers(tmp_path)
    with ProtocolServer([opened, *repeat(fault.answer, 4)]) as server:
        code, said, _ = run(root, server.url, monkeypatch)
        assert server.wait_until_left()
    assert code == MODEL_FAULT
    finished = said[-1]
    assert isinstance(finished, ev.RunFinished) and finished.outcome == "failed"
    assert fault.kind.replace("_", " ") in finished.reason and fault.said in finished.reason
    assert len([e for e in said if isinstance(e, ev.ModelTurnFailed)]) == (4 if fault.passes else 1)
    replies = [
        b.id for e in said if isinstance(e, ev.ModelTurnFinished) for b in e.blocks if isinstance(b, ToolCall)
    ]
    assert executed(said) == replies, "only calls of whole replies"
    assert (root / story.SERVICE).read_text() == story.FILES[story.SERVICE]


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (Turn(content=(HALF_WRITTEN,), stop_reason="max_tokens"), "output limit"),
        (
            Turn(content=(tool("write_file", '{"path": "a", "path": "b"}'),), stop_reason="tool_use"),
            "comes twice",
        ),
        (Turn(content=(tool("write_file", '{"content": NaN}'),), stop_reason="tool_use"), "not JSON"),
        (Turn(content=(text("hm"),), stop_reason="pause_turn"), "Go on."),
        (Turn(content=(text("hm"),), stop_reason="end_turn"), "called no tool"),
    ],
    ids=["max_tokens in a call", "a key twice", "NaN", "pause_turn", "no call"],
)
def test_a_whole_reply_that_can_not_be_executed_is_told_to_the_worker(
    root: Path, tmp_path: Path, broken: Turn, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, *rest = answers(tmp_path)
    with ProtocolServer([opened, broken, *rest]) as server:
        code, _, _ = run(root, server.url, monkeypatch)
        asked = str(server.requests[2]["messages"][-1])
    assert code == COMPLETE
    assert told in asked
