"""The engineer edits files while a run goes on: it is noticed, never overwritten, and recorded as theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from core import events as ev
from core.answers_file import AnswersFile, DecisionAnswer
from core.blobs import sha_of
from core.commands import AnswerDecision, AnswerInput, Command, ReviewChunk
from core.domain import ReviewVerdict, Sha
from core.edit_watch import EditWatch, KnownFiles
from core.fold import fold
from core.journal import read
from core.run_state import RunState
from core.session import Run
from core.stream import Stream
from tests.core.attended import attended, of
from tests.core.small_story import (
    FILES,
    SERVICE,
    close_chunk,
    complete,
    drive,
    edit,
    events,
    make_workspace,
    open_chunk,
    raise_decision,
    reply,
    resume_run,
    script_file,
    start_run,
    write,
)

CHECK = {".signoff/config.yaml": 'checks:\n  commands: [["true"]]\n'}
PATIENCE_S = 20


class Watched:
    """A folder with a watch over it."""

    def __init__(self, root: Path, known: dict[str, Sha | None]) -> None:
        self.root = root
        self.known: Mapping[str, Sha | None] = known
        self.events: list[ev.Event] = []
        self._more = asyncio.Event()
        self.watch = EditWatch(root, lambda: self.known, self._emit, lambda: 3)

    def _emit(self, event: ev.Event) -> None:
        self.events.append(event)
        self._more.set()

    async def seen(self, count: int) -> list[ev.Event]:
        async with asyncio.timeout(PATIENCE_S):
            while len(self.events) < count:
                self._more.clear()
                await self._more.wait()
        return self.events


async def test_an_edit_of_a_known_file_is_told_once_for_each_content(tmp_path: Path) -> None:
    (tmp_path / "src/node_modules").mkdir(parents=True)
    ours = {name: tmp_path / name for name in ("src/a.py", "src/b.py", "src/node_modules/c.py", "new/d.py")}
    for file in list(ours.values())[:3]:
        file.write_text("ours")
    watched = Watched(tmp_path, {name: sha_of(b"ours") for name in ours} | {"new/d.py": None})
    task = asyncio.ensure_future(watched.watch.run())
    for file in (*ours.values(), tmp_path / "src/unknown.py"):
        file.parent.mkdir(exist_ok=True)
        file.write_text("theirs")
    told = [ev.OutsideEditSeen(chunk=3, path=path) for path in ("new/d.py", "src/a.py", "src/b.py")]
    assert sorted(await watched.seen(3), key=repr) == told
    ours["src/a.py"].unlink()
    assert (await watched.seen(4))[3:] == [told[1]]
    ours["src/a.py"].write_text("theirs")
    watched.known = {**watched.known, "src/e.py": sha_of(b"ours")}
    assert (await watched.seen(5))[4:] == [ev.OutsideEditSeen(chunk=3, path="src/e.py")]
    ours["src/b.py"].write_text("ours")
    (tmp_path / "src/e.py").symlink_to("a.py")
    assert len(await watched.seen(6)) == 6
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_fault_of_the_watch_is_one_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_watchfiles() -> None:
        raise OSError("too many\x1b[2J watches")

    monkeypatch.setattr("core.edit_watch._import_watchfiles", no_watchfiles)
    (tmp_path / "a.py").write_text("ours")
    watched = Watched(tmp_path, {"a.py": sha_of(b"ours")})
    await watched.watch.run()
    (warning,) = watched.events
    assert isinstance(warning, ev.WarningRaised)
    assert "too many" in warning.text and "\x1b" not in warning.text


# --- in a run ---------------------------------------------------------------------------


def replaced(root: Path, old: str, new: str) -> Callable[[], object]:
    file = root / SERVICE
    return lambda: file.write_text(file.read_text().replace(old, new))


def person(
    act: Callable[[], object], verdicts: Iterable[ReviewVerdict], settles: str = "stop"
) -> Callable[[RunState], list[Command]]:
    """Acts when the worker asks, answers once the run has noticed it, and then reviews."""
    acted, left = False, list(verdicts)

    def respond(state: RunState) -> list[Command]:
        nonlocal acted
        waits = state.pending[0] if state.pending else None
        if waits is None or state.chunk is None:
            return []
        if waits.kind == "decision":
            if not acted:
                acted = True
                act()
            seen = bool(state.chunk.outside)
            return [AnswerDecision(request_id=waits.request_id, option="1")] if seen else []
        if waits.kind == "input":
            return [AnswerInput(request_id=waits.request_id, option=settles)]
        review = state.chunk.review
        assert review is not None
        if review.request_id in asked:
            return []
        asked.add(review.request_id)
        return [ReviewChunk(request_id=review.request_id, verdict=left.pop(0), diff_hash=review.diff_hash)]

    asked: set[str] = set()
    return respond


def the_run(tmp_path: Path, *after: dict[str, Any], first: dict[str, Any] | None = None) -> Run:
    root = make_workspace(tmp_path, CHECK)
    start = reply(open_chunk(), first or edit("TOTAL: int = 0", "TOTAL: int = 1"), raise_decision(tier=2))
    return start_run(
        root,
        script_file(tmp_path, [start, *(reply(call) for call in after)], [reply(complete())]),
        attended=True,
    )


READ = {"read_file": {"path": SERVICE}}
AGAIN = edit("TOTAL: int = 1", "TOTAL: int = 2")


async def test_the_workers_next_edit_waits_until_it_has_read_theirs_and_the_diff_shows_both(
    tmp_path: Path,
) -> None:
    run = the_run(tmp_path, AGAIN, READ, AGAIN, close_chunk())
    mine = replaced(run.root, '"""Items."""', '"""Items of mine."""')
    assert (await attended(run, person(mine, ["approve"]))).exit_code == 0
    recorded = events(run)
    assert [e.path for e in of(recorded, ev.OutsideEditSeen)] == [SERVICE]
    refused = [e for e in of(recorded, ev.ToolFinished) if e.is_error]
    assert len(refused) == 1 and "read it again" in refused[0].text
    changes = of(recorded, ev.FileChanged)
    assert [e.call_id == ev.OUTSIDE for e in changes] == [False, True, False]
    assert [e.change.before for e in changes[1:]] == [e.change.after for e in changes[:-1]], "no gap"
    assert (run.root / SERVICE).read_text() == '"""Items of mine."""\n\nTOTAL: int = 2\n'
    (file,) = run.diff(1)
    assert (file.added, file.removed) == (2, 2)
    theirs = run.their_lines(1, SERVICE)
    assert (set(theirs.written), set(theirs.removed)) == ({1}, {1})
    chunk = run.state.chunks[0]
    assert (chunk.outside, chunk.their_changes) == ((SERVICE,), (1,))


async def test_a_revert_keeps_theirs(tmp_path: Path) -> None:
    run = the_run(tmp_path, READ, AGAIN, close_chunk())
    mine = replaced(run.root, '"""Items."""', '"""Items of mine."""')
    # The script begins anew with the next chunk, so what the revert left is to be seen in its event.
    assert (await attended(run, person(mine, ["revert", "approve"]))).exit_code == 0
    (reverted,) = of(events(run), ev.ChunkReverted)
    (file,) = reverted.files
    assert run._blobs.get(file.after) == b'"""Items of mine."""\n\nTOTAL: int = 0\n'


@pytest.mark.parametrize("settles", ["keep", "back", "stop"])
async def test_a_revert_asks_where_the_two_overlap(tmp_path: Path, settles: str) -> None:
    run = the_run(tmp_path, close_chunk())
    mine = replaced(run.root, "TOTAL: int = 1", "TOTAL: int = 7")
    finished = await attended(run, person(mine, ["revert", "approve"], settles))
    (asked,) = of(events(run), ev.InputRequested)
    assert asked.kind == "conflict" and SERVICE in asked.title and "blob" in asked.detail
    if settles == "stop":
        assert finished.exit_code == 5 and SERVICE in finished.reason
        assert (run.root / SERVICE).read_text().endswith("TOTAL: int = 7\n")
        run = resume_run(run.root, tmp_path / "script.yaml", run.run_id, attended=True)
        finished = await attended(run, person(mine, ["approve"], "keep"))
    assert finished.exit_code == 0
    (reverted,) = of(events(run), ev.ChunkReverted)
    put_back = [run._blobs.get(file.after) for file in reverted.files]
    assert put_back == ([FILES[SERVICE].encode()] if settles == "back" else [])


async def test_a_file_that_they_took_over_is_not_deleted_unasked(tmp_path: Path) -> None:
    path = "apps/api/services/items/names.py"
    delete = {"delete_file": {"path": path, "rationale": "unused"}}
    run = the_run(
        tmp_path, {"read_file": {"path": path}}, delete, close_chunk(), first=write(path, "A = 1\n")
    )
    respond = person(lambda: (run.root / path).write_text("A = 1\nMINE = 2\n"), ["approve"])

    def refuse(state: RunState) -> list[Command]:
        waits = state.pending[0] if state.pending else None
        if waits is not None and waits.title.startswith("Delete"):
            asked = state.decision(waits.request_id)
            shown = asked.request.subject_sha if asked is not None else None
            return [AnswerDecision(request_id=waits.request_id, option="2", subject_sha=shown)]
        return respond(state)

    assert (await attended(run, refuse)).exit_code == 0
    assert (run.root / path).read_text() == "A = 1\nMINE = 2\n"


def test_what_the_run_and_its_commands_do_is_nobody_elses(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, CHECK)
    argv = ["sh", "-c", f"echo '# made by a command' >> {SERVICE}"]
    command = {"run_command": {"argv": argv, "reason": "a test"}}
    script = script_file(
        tmp_path,
        [
            reply(open_chunk(), READ, edit("TOTAL: int = 0", "TOTAL: int = 1"), command),
            reply(close_chunk()),
        ],
        [reply(complete())],
    )
    allow = DecisionAnswer(match="^Run a command", option="1", text="", note="")
    run = start_run(root, script, answers=AnswersFile(name="answers", decisions=(allow,), reviews=()))
    assert drive(run).exit_code == 0
    assert not of(events(run), ev.OutsideEditSeen)
    assert not any(change.call_id == ev.OUTSIDE for change in of(events(run), ev.FileChanged))
    # What is known, record by record: nothing while the command may be changing files.
    records = read(run.folder)[1]
    kinds = [type(record.event) for record in records]
    during = range(kinds.index(ev.CommandStarted), kinds.index(ev.CommandFinished))
    for n in range(kinds.index(ev.FileChanged), kinds.index(ev.ChunkFinished)):
        state = fold(records[: n + 1])
        known = KnownFiles(cast(Stream, SimpleNamespace(state=state, records=records[: n + 1])), {})()
        assert (SERVICE in known) == (n not in during and not state.checking)
    assert known[SERVICE] == sha_of((root / SERVICE).read_bytes())


async def test_an_edit_made_while_the_run_was_stopped_is_noticed_when_it_goes_on(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, CHECK)
    script = script_file(
        tmp_path,
        [
            reply(open_chunk(), edit("TOTAL: int = 0", "TOTAL: int = 1"), raise_decision(tier=2)),
            reply(close_chunk()),
        ],
        [reply(complete())],
    )
    run = start_run(root, script)
    assert (await run.drive()).exit_code == 3
    replaced(root, "TOTAL: int = 1", "TOTAL: int = 9")()
    again = resume_run(root, script, run.run_id, attended=True)
    assert (await attended(again, person(lambda: None, ["approve", "approve"]))).exit_code == 0
    assert [e.path for e in of(events(again), ev.OutsideEditSeen)] == [SERVICE]
    assert (root / SERVICE).read_text().endswith("TOTAL: int = 9\n")
