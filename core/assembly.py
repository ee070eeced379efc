"""Wires one run together: every implementation meets every protocol here, and nowhere else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from core import events as ev
from core.act_finder import ActFinder
from core.blobs import Blobs
from core.budget_gate import BudgetGate
from core.check_gate import CheckGate
from core.check_runner import CheckRunner
from core.chunk import ChunkLoop
from core.chunk_commits import make_commits
from core.command_runner import CommandRunner
from core.config import Settings
from core.conversation import Conversation
from core.cut_short import finish_ending
from core.desk_assembly import make_desk
from core.domain import FileChange, Finding
from core.edit_watch import EditWatch, KnownFiles
from core.engine import Engine
from core.final_check import FinalCheck
from core.gate import Gate
from core.inbox import Inbox
from core.knowing import Knowing, knowing_of
from core.last_attempts import LastAttempts
from core.logs.files import LogFiles
from core.mcp_servers import ToolServers
from core.models.base import Model
from core.outside_edits import OutsideEdits
from core.preparation import Configuration, RunOptions, first_chunk_number
from core.process import scrubbed_environ
from core.recovery import Recovery
from core.review_gate import ReviewGate
from core.rule_runner import find_rule_breaks
from core.run_state import ChunkState
from core.scope_guard import ScopeGuard
from core.stream import Stream
from core.supervision import Supervision
from core.tools.registry import tools_for
from core.turn import Turns
from core.undoing import Undoing
from core.workspace import Workspace


class Assembled(NamedTuple):
    engine: Engine
    chunks: ChunkLoop
    inbox: Inbox
    knowing: Knowing
    servers: ToolServers

    async def run(self) -> ev.RunFinished:
        """The run from what is known before it to what it teaches."""
        try:
            self.chunks.add_tools(await self.servers.start())
            await self.knowing.look_at_start()
            finished = await self.engine.run(self.chunks)
        finally:
            await self.servers.close()
        await self.knowing.learn()
        return finished


def assemble(
    *,
    root: Path,
    stream: Stream,
    blobs: Blobs,
    model: Model,
    options: RunOptions,
    configuration: Configuration,
    first_event: ev.RunStarted | ev.RunResumed,
) -> Assembled:
    """Journals the first event and gives the engine with all that it works with."""
    started = begin(stream, blobs, root, first_event)
    conversation = Conversation(lambda sha: stream.redactor.contents(blobs.get(sha)))
    for record in stream.records:
        conversation.apply(record)
    stream.add_sink(conversation.apply)
    workspace = make_workspace(root, stream, blobs, started)
    knowing = knowing_of(stream, root, wanted=started.worker.kb)
    undoing = Undoing(stream, workspace.put_back(), blobs, live=True)
    desk, supervision, steering, inbox = make_desk(
        root,
        stream,
        blobs,
        started,
        policy=configuration.policy,
        options=options,
        undo=undoing.undo,
        known_of=knowing.prior,
    )
    desk.catch_up()
    undoing.finish()
    environ = scrubbed_environ(options.environ, asked_for=configuration.settings.environment)
    runner = CheckRunner(
        root, stream, blobs, environ=environ, settings=configuration.settings, names=started.worker.checks
    )
    checks = CheckGate(stream, supervision, runner)
    known = KnownFiles(stream, workspace.known)
    outside = OutsideEdits(root, blobs, stream)
    reviews = ReviewGate(stream, supervision, workspace, outside, blobs.get)
    last_attempts = LastAttempts(stream, supervision)
    gate = Gate(
        stream,
        checks=checks,
        reviews=reviews,
        last_attempts=last_attempts,
        get_blob=blobs.get,
        find_rule_breaks=_rules(stream, blobs, started),
    )
    engine = Engine(
        stream=stream,
        steering=steering,
        supervision=supervision,
        checks=checks,
        final_check=FinalCheck(
            stream,
            checks,
            last_attempts,
            # The worker waits for the answer to its completion report: it is at no file.
            undo=Undoing(stream, workspace.put_back(), blobs, live=False).undo,
            is_as_left=lambda: all(workspace.sha(path) == sha for path, sha in known().items()),
        ),
        edit_watch=EditWatch(root, known, stream.emit, lambda: known.chunk),
        first_chunk=_first_chunk(started, blobs),
    )
    chunks = ChunkLoop(
        stream=stream,
        conversation=conversation,
        turns=Turns(stream, model, supervision),
        tools=tools_for(started.worker.tools),
        gate=gate,
        supervision=supervision,
        desk=desk,
        steering=steering,
        workspace=workspace,
        is_own_creation=outside.is_own_creation,
        find_acts=ActFinder(stream, started, blobs.get),
        recovery=Recovery(stream, workspace, supervision, blobs.get),
        run_command=CommandRunner(root, stream, blobs, environ, configuration.settings.check_timeout_s).run,
        knowing=knowing,
        check_budget=BudgetGate(stream, supervision).check,
        complete=engine.complete,
        commit=_commit(
            root, stream, blobs, supervision, settings=configuration.settings, environ=options.environ
        ),
    )
    servers = ToolServers(
        root,
        stream,
        supervision,
        wanted=started.worker.mcp_tools,
        environ=environ,
        own=options.environ,
        connect_s=configuration.settings.server_connect_s,
        call_s=configuration.settings.server_call_s,
    )
    return Assembled(engine, chunks, inbox, knowing, servers)


def _commit(
    root: Path,
    stream: Stream,
    blobs: Blobs,
    supervision: Supervision,
    *,
    settings: Settings,
    environ: Mapping[str, str],
) -> Callable[[], Awaitable[None]]:
    """Makes the commits that are due; none where the settings ask for none."""

    async def nothing() -> None: ...

    commits = settings.commit == "chunk"
    return make_commits(root, stream, blobs, supervision, environ).catch_up if commits else nothing


def begin(
    stream: Stream, blobs: Blobs, root: Path, first_event: ev.RunStarted | ev.RunResumed
) -> ev.RunStarted:
    """Journals the event that opens (or takes up) the run, with the log files as required sink."""
    if isinstance(first_event, ev.RunStarted):
        record = stream.emit(first_event)
        logs = LogFiles(root / first_event.story.implementation, record, blobs.get)
        _keep_true(stream, logs, logs.apply(record))
        return first_event
    started = keep_logs(stream, root, blobs)
    finish_ending(stream)
    blockers = [b for b in stream.state.blockers if b.request_id is None]
    stream.emit(
        ev.RunResumed(
            headless=first_event.headless,
            model=first_event.model,
            scripted=first_event.scripted,
            review=first_event.review,
            answers_from=first_event.answers_from,
            autonomy=first_event.autonomy,
            budgets=first_event.budgets,
            batch=first_event.batch,
            policy_files=first_event.policy_files,
        )
    )
    for blocker in blockers:
        stream.emit(ev.BlockerCleared(blocker_id=blocker.blocker_id, how="the run was resumed"))
    return started


def keep_logs(stream: Stream, root: Path, blobs: Blobs) -> ev.RunStarted:
    """Brings the log files of a run taken up again to what its journal says, and keeps them so."""
    started = started_event(stream)
    logs = LogFiles(root / started.story.implementation, stream.records[0], blobs.get)
    _keep_true(stream, logs, logs.catch_up(stream.records))
    return started


def _keep_true(stream: Stream, logs: LogFiles, warnings: tuple[str, ...]) -> None:
    """Makes the log files a required sink; what they have to say is an event of its own."""

    def warn(texts: tuple[str, ...]) -> None:
        for text in texts:
            stream.emit_later(ev.WarningRaised(text=text))

    stream.add_sink(lambda record: warn(logs.apply(record)))
    warn(warnings)


def started_event(stream: Stream) -> ev.RunStarted:
    event = stream.records[0].event
    assert isinstance(event, ev.RunStarted), "a run's first record says how it started"
    return event


def make_workspace(root: Path, stream: Stream, blobs: Blobs, started: ev.RunStarted) -> Workspace:
    guard = ScopeGuard(
        globs=started.worker.scope,
        plan_files=started.plan.files,
        protected=_protected(root, started),
    )
    return Workspace(root, guard, blobs, OutsideEdits(root, blobs, stream).emit)


def _protected(root: Path, started: ev.RunStarted) -> tuple[str, ...]:
    """The story's folder, by its name and by where it really is: plan and logs are not the worker's."""
    folder = started.story.folder
    real, top = (root / folder).resolve(), root.resolve()
    inside = [real.relative_to(top).as_posix()] if real.is_relative_to(top) else []
    return tuple(f"{name}/**" for name in dict.fromkeys([folder, *inside]))


def _first_chunk(started: ev.RunStarted, blobs: Blobs) -> int:
    earlier = dict(started.earlier).get(started.worker.log_file)
    return first_chunk_number(blobs.get(earlier).decode("utf-8", "replace")) if earlier else 1


def _rules(
    stream: Stream, blobs: Blobs, started: ev.RunStarted
) -> Callable[[tuple[FileChange, ...], ChunkState], tuple[Finding, ...]]:
    def find(changes: tuple[FileChange, ...], chunk: ChunkState) -> tuple[Finding, ...]:
        return find_rule_breaks(changes, chunk, started, stream.state.decisions, blobs.get)

    return find
