"""Tool servers through a run: what is offered, what is answered, and every way in which one can fail."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from core import events as ev
from core.commands import AnswerInput
from core.ending import BAD_INPUT, COMPLETE
from core.mcp_approval import approve as remember
from core.mcp_config import read_servers
from core.process import MARKER
from core.session import Run
from tests.core import small_story as story
from tests.soak import only_in_soak
from tui.cli import main

SERVER = str(Path(__file__).parents[1] / "faulty_mcp_server.py")
WORKER = "---\nextends: backend\nname: with-tools\nmcp_tools: [{tools}]\n---\nUse the tools.\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIGNOFF_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("NOT_FOR_SERVERS", "canary-1234567")
    root = story.make_workspace(tmp_path)
    (root / ".signoff").mkdir()
    (root / ".signoff/config.yaml").write_text("servers: {connect_s: 15, call_s: 2}\n")
    return root


def name_server(root: Path, *arguments: str, **more: Any) -> None:
    server = {"command": sys.executable, "args": [SERVER, *arguments], **more}
    (root / ".mcp.json").write_text(json.dumps({"mcpServers": {"faulty": server}}))


def worker(root: Path, tools: str = "faulty") -> Path:
    path = root.parent / "worker.md"
    path.write_text(WORKER.format(tools=tools))
    return path


def approve(root: Path) -> None:
    assert main(["trust", str(root)]) == COMPLETE
    argv = ["mcp", "approve", "faulty", "--worker", str(worker(root)), "--workspace", str(root)]
    assert main(argv) == COMPLETE


def approve_unseen(root: Path) -> None:
    """A server that does not come up can't show its tools; its command was approved once."""
    (server,) = read_servers(root)
    remember(root, server, ())


def drive(root: Path, *calls: dict[str, Any]) -> list[ev.Event]:
    script = story.script_file(
        root.parent, [story.reply(call) for call in calls] + [story.reply(story.complete())]
    )
    run = story.start_run(root, script, worker=worker(root))
    finished = story.drive(run)
    assert finished.outcome in ("complete", "failed"), finished.reason
    return story.events(run)


def answers(said: list[ev.Event]) -> list[tuple[bool, str]]:
    return [
        (event.is_error, event.text)
        for event in said
        if isinstance(event, ev.ToolFinished) and event.name.startswith("faulty__")
    ]


def changes(said: list[ev.Event]) -> list[tuple[bool, str]]:
    return [(e.available, e.why) for e in said if isinstance(e, ev.ServerChanged)]


def left_over(root: Path) -> list[str]:
    """Programs that carry a marker of a run, in this workspace: other tests run beside this one."""
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if (
                f"{MARKER}=".encode() in environ.read_bytes()
                and (environ.parent / "cwd").resolve().is_relative_to(root.resolve())
            ):
                found.append(environ.parent.name)
        except OSError:
            continue
    return found


def test_an_approved_server_answers_and_what_it_says_is_data(root: Path) -> None:
    name_server(root, env={"MODE": "${HOME}/x"})
    approve(root)
    said = drive(
        root,
        {"faulty__echo": {"text": "hello"}},
        {"faulty__environment": {}},
        {"faulty__hostile": {}},
        {"faulty__long": {}},
    )
    (_, echo), (_, environment), (_, hostile), (_, long) = answers(said)
    assert echo == '<server-output server="faulty" tool="echo">\nhello\n</server-output>'
    assert "/x" in environment and "canary" not in environment
    assert "\x1b" not in hostile and hostile.count("</server-output>") == 1 and "[redacted: " in hostile
    assert len(long) < 41_000 and "left out: ask for less" in long
    assert not left_over(root)


def test_each_fault_of_a_call_is_a_failure_that_the_worker_is_told(root: Path) -> None:
    name_server(root)
    approve(root)
    said = drive(
        root,
        {"faulty__fails_in_text": {}},
        {"faulty__fails_in_an_object": {}},
        {"faulty__raises": {}},
        {"faulty__hangs": {}},
        {"faulty__echo": {"wrong": 1}},
        {"faulty__dies": {}},
        {"faulty__echo": {"text": "again"}},
    )
    found = answers(said)
    assert [failed for failed, _ in found] == [True, True, True, True, True, True, False]
    assert "relation items does not exist" in found[0][1]
    assert "no answer within 2 s" in found[3][1]
    assert found[6][1].count("again") == 1, "a server that died is started again"
    assert [available for available, _ in changes(said)] == [True, False, True]
    assert not left_over(root)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["dies_at_start"], "closed"),
        pytest.param(["slow_start"], "no answer within 1 s", marks=only_in_soak),
    ],
)
def test_a_server_that_does_not_come_up_is_unavailable_and_the_run_goes_on(
    root: Path, arguments: list[str], why: str
) -> None:
    (root / ".signoff/config.yaml").write_text("servers: {connect_s: 1}\n")
    name_server(root, *arguments)
    approve_unseen(root)
    said = drive(root)
    ((available, reason),) = changes(said)
    assert not available and (why in reason.lower() or "no answer" in reason)
    assert not left_over(root)


def test_a_program_that_is_not_there_and_an_unset_variable_are_said(root: Path) -> None:
    name_server(root)
    for server, why in (
        ({"command": "no-such-program"}, "no-such-program not found"),
        ({"command": "python", "args": ["${NO_SUCH_VARIABLE}"]}, "NO_SUCH_VARIABLE is not set"),
        ({"url": "http://127.0.0.1:9/mcp"}, ""),
    ):
        (root / ".mcp.json").write_text(json.dumps({"mcpServers": {"faulty": server}}))
        approve_unseen(root)
        ((available, reason),) = changes(drive(root))
        assert not available and why in reason and reason


@only_in_soak
def test_a_server_that_floods_or_talks_nonsense_still_serves(root: Path) -> None:
    name_server(root)
    approve(root)
    for fault in ("floods", "garbage"):
        name_server(root, fault)
        approve(root)
        said = drive(root, {"faulty__echo": {"text": "here"}})
        assert "here" in answers(said)[0][1]
    (log,) = {p.stat().st_size for p in root.glob(".signoff/runs/*/servers/faulty.log")} - {0}
    assert log <= 1024 * 1024


def test_an_unapproved_server_is_not_used_with_nobody_there(root: Path) -> None:
    name_server(root)
    said = drive(root, {"faulty__echo": {"text": "x"}})
    assert changes(said) == [(False, "not approved: signoff mcp approve faulty")]
    assert "there is no tool faulty__echo" in answers(said)[0][1]


@pytest.mark.parametrize("drift", ["tools", "command"])
def test_what_drifts_after_approval_is_asked_again(root: Path, drift: str) -> None:
    name_server(root)
    approve(root)
    name_server(root, "drifts" if drift == "tools" else "", *([] if drift == "tools" else ["extra"]))
    said = drive(root)
    assert changes(said) == [(False, "not approved: signoff mcp approve faulty")]


async def test_the_supervisor_is_shown_the_tools_and_decides(root: Path) -> None:
    name_server(root)
    script = story.script_file(
        root.parent, [story.reply({"faulty__echo": {"text": "hi"}}), story.reply(story.complete())]
    )
    run = story.start_run(root, script, worker=worker(root, "faulty__echo"), attended=True)
    shown: list[str] = []

    def answer(run: Run) -> AnswerInput | None:
        asked = [i for i in run.state.inputs if any(p.request_id == i.request_id for p in run.state.pending)]
        if not asked:
            return None
        shown.append(asked[0].detail)
        # The script ends after its one call; then the model is asked about.
        return AnswerInput(
            request_id=asked[0].request_id, option="allow" if asked[0].kind == "server" else "stop"
        )

    await story.drive_attended(run, answer)
    assert "echo: Says it back." in shown[0] and SERVER in shown[0] and "dies" not in shown[0]
    assert answers(story.events(run))[0][0] is False


def test_a_server_over_http(root: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen([sys.executable, SERVER, "http", str(port)], stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(port)
            servers = {"faulty": {"type": "http", "url": f"http://127.0.0.1:{port}/mcp"}}
            (root / ".mcp.json").write_text(json.dumps({"mcpServers": servers}))
            approve(root)
            said = drive(root, {"faulty__echo": {"text": "over http"}})
            assert "over http" in answers(said)[0][1]
        finally:
            process.kill()


def wait_for(port: int) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server did not come up")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", ".mcp.json: "),
        ('{"mcpServers": []}', "mcpServers: expected a mapping"),
        ('{"mcpServers": {"a__b": {}}}', "no __"),
        ('{"mcpServers": {"a": {}}}', "either a command or a url"),
        ('{"mcpServers": {"a": {"command": "x", "args": "y"}}}', "args should be a list"),
        ('{"mcpServers": {"a": {"url": "file:///etc"}}}', "http:// or https://"),
        ('{"mcpServers": {"a": {"command": "x", "extra": 1}}}', "unknown key extra"),
    ],
)
def test_a_file_that_is_wrong_says_where(
    root: Path, text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / ".mcp.json").write_text(text)
    assert main(["mcp", "list", "--workspace", str(root)]) == BAD_INPUT
    assert said in capsys.readouterr().err
