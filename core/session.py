"""The facade of a run: start one, resume one, drive it, watch it, tell it something.

    run = start(feature_dir, story_id, options)      # reads and locks; raises InputFault
    finished = await run.drive()                      # runs the engine to its end

Nothing here imports what a first frame does not need: the engine comes in with `drive`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core import events as ev
from core.blobs import Blobs
from core.commands import Command, CommandRefused
from core.fold import apply, fold
from core.journal import Header, Journal
from core.log_places import refuse_odd_places
from core.logs.files import file_names
from core.models.base import Model
from core.preparation import (
    Configuration,
    RunOptions,
    new_run_id,
    read_configuration,
    read_inputs,
    read_model,
)
from core.redaction import Redactor
from core.run_budgets import new_budgets, refuse_unwatched_budget
from core.run_start import kept_policy, run_started
from core.run_state import Entry, RunState
from core.runs import RUNS, find_run, header_of, open_for_writing, state_folder
from core.secrets_known import known_secrets
from core.story import InputFault, find_workspace
from core.story_lock import StoryLock
from core.stream import Stream, Watcher

if TYPE_CHECKING:
    from core.absorption import Absorption
    from core.authorship import TheirLines
    from core.diff import FileDiff
    from core.inbox import Inbox
    from core.review_rounds import CommentOutcome
    from core.undo_plan import UndoPlan
    from core.what_if import WhatIf

__all__ = ["Run", "RunOptions", "resume", "start"]


class Run:
    """A live run. `state` is right at any time; everything else goes through the stream."""

    live = True

    def __init__(
        self,
        root: Path,
        stream: Stream,
        lock: StoryLock,
        *,
        model: Model,
        options: RunOptions,
        configuration: Configuration,
        first_event: ev.RunStarted | ev.RunResumed,
    ) -> None:
        self.root = root
        self.run_id = stream.run_id
        self._stream = stream
        self._lock = lock
        self._blobs = Blobs(stream.folder / "blobs", stream.redactor.holds_secret)
        self._model = model
        self._options = options
        self._configuration = configuration
        self._first_event = first_event
        self._inbox: Inbox | None = None

    @property
    def state(self) -> RunState:
        return self._stream.state

    @property
    def implementation(self) -> str:
        """The folder of the log files, workspace-relative."""
        story = self.state.story
        assert story is not None, "a run is of a story"
        return story.implementation

    @property
    def folder(self) -> Path:
        """Where the journal is."""
        return self._stream.folder

    def watch(self) -> Watcher:
        """Every record and live delta from now on."""
        return self._stream.watch()

    def submit(self, command: Command) -> None:
        """Raises CommandRefused, with one line of reason."""
        if self._inbox is None:
            over = self.state.outcome is not None
            raise CommandRefused("the run has ended" if over else "the run is still being prepared")
        self._inbox.submit(command)

    def entries(self, chunk: int) -> Sequence[Entry]:
        """The chunk's whole stream. The state has that of its last chunk only."""
        from core.chunk_records import records_of_chunk, stream_of

        current = self.state.chunk
        if current is not None and current.number == chunk:
            return current.entries
        return stream_of(records_of_chunk(self._stream.records, chunk), chunk)

    def diff(self, chunk: int) -> tuple[FileDiff, ...]:
        """The chunk's net diff, from blobs (the workspace is not read)."""
        from core.chunk_view import chunk_diff

        return chunk_diff(self.state, chunk, self._blobs.get)

    def log_entry(self, chunk: int) -> str:
        """What BACKEND-LOG.md has on the chunk so far."""
        from core.chunk_view import log_entry

        return log_entry(self._stream.records, chunk, self._blobs.get)

    def contents(self, chunk: int, path: str) -> tuple[bytes | None, bytes | None]:
        """A file of the chunk before it and after it; None where there is none."""
        from core.chunk_view import chunk_contents

        return chunk_contents(self.state, chunk, path, self._blobs.get)

    def their_lines(self, chunk: int, path: str) -> TheirLines:
        """The lines of a file of the chunk that were changed outside the run meanwhile."""
        from core.authorship import TheirLines, their_lines

        found = self.state.chunk_numbered(chunk)
        return their_lines(found, path, self._blobs.get) if found is not None else TheirLines()

    def undo_plan(self) -> UndoPlan:
        """What an undo of the last approved chunk would do. CommandRefused when there is none, or not now."""
        from core.safe_path import SafeTree
        from core.undo_plan import LIMIT, plan_undo, refuse_while_busy

        refuse_while_busy(self.state)
        tree = SafeTree(self.root)
        return plan_undo(self.state, lambda path: tree.load(path, LIMIT), self._blobs.get)

    def comment_outcomes(self, chunk: int) -> tuple[CommentOutcome, ...]:
        """What the comments of the chunk's last review led to."""
        from core.review_rounds import comment_outcomes

        found = self.state.chunk_numbered(chunk)
        return comment_outcomes(found, self._blobs.get) if found is not None else ()

    def what_if(self) -> WhatIf:
        """The run's decisions under each autonomy level."""
        from core.what_if import what_if

        return what_if(self._stream.records, self._blobs.get, self._configuration.policy)

    def would_absorb(self, request_id: str, choice: str, pattern: str) -> Absorption:
        """What a preference for `choice` on this question would have saved, here and in other runs."""
        from core.absorption import absorbed_earlier

        records = tuple(self._stream.records)
        return absorbed_earlier(self.root, records, self.state.decision(request_id), choice, pattern)

    async def drive(self) -> ev.RunFinished:
        """Runs the engine to the end of the run. Cancelling it leaves a run that can be resumed."""
        from core.assembly import assemble

        try:
            assembled = assemble(
                root=self.root,
                stream=self._stream,
                blobs=self._blobs,
                model=self._model,
                options=self._options,
                configuration=self._configuration,
                first_event=self._first_event,
            )
            self._inbox = assembled.inbox
            return await assembled.run()
        finally:
            self._inbox = None
            await self._model.close()
            self.close()

    def close(self) -> None:
        self._stream.close()
        self._lock.release()


def start(feature_dir: Path, story_id: str, options: RunOptions) -> Run:
    """Reads everything a run needs, then locks the story and makes the journal.

    Raises InputFault or YamlFault (one line, exit 2); nothing is written in that case.
    """
    root = find_workspace(feature_dir if feature_dir.is_dir() else Path.cwd())
    inputs = read_inputs(feature_dir, story_id, options.stage, root)
    configuration = read_configuration(root, options)
    model = read_model(root, configuration.settings, options)
    refuse_unwatched_budget(configuration.settings.budgets, model.name)
    story = inputs.story
    refuse_odd_places(root, story.implementation, file_names(configuration.worker))
    run_id = new_run_id(story.id)
    redactor = Redactor(known_secrets(root, options.environ))
    lock = StoryLock(state_folder(root) / "locks", story.id, run_id)
    folder = state_folder(root) / RUNS / run_id
    journal = Journal.create(folder, Header(run_id=run_id, story_id=story.id, story_folder=story.folder))
    started = run_started(
        root,
        inputs,
        Blobs(folder / "blobs", redactor.holds_secret),
        configuration=configuration,
        model=model,
        options=options,
    )
    # What the first frame shows, before the first record is in the journal.
    shown = redactor.event(started)
    preview = apply(RunState(), ev.Record(seq=0, run_id=run_id, at=datetime.now(UTC), event=shown))
    return Run(
        root,
        Stream(journal, [], preview, redactor=redactor),
        lock,
        model=model,
        options=options,
        configuration=configuration,
        first_event=started,
    )


def resume(reference: str, options: RunOptions, start_from: Path) -> Run:
    """Takes a run up again where its journal ends. Raises InputFault when it can't be."""
    root = find_workspace(start_from)
    folder = find_run(root, reference)
    header = header_of(folder)
    lock = StoryLock(state_folder(root) / "locks", header.story_id, header.run_id)
    try:
        journal, records = open_for_writing(folder)
    except InputFault:
        lock.release()
        raise
    try:
        state = _resumable(records, folder)
        options = _as_it_started(options, records)
        configuration = read_configuration(root, options)
        model = read_model(root, configuration.settings, options)
        refuse_unwatched_budget(configuration.settings.budgets, model.name)
    except Exception:
        journal.close()
        lock.release()
        raise
    redactor = Redactor(known_secrets(root, options.environ))
    return Run(
        root,
        Stream(journal, records, state, redactor=redactor),
        lock,
        model=model,
        options=options,
        configuration=configuration,
        first_event=ev.RunResumed(
            headless=not options.attended,
            model=model.name,
            scripted=model.scripted,
            review=options.review or state.review,
            answers_from=options.answers.name if options.answers else None,
            autonomy=options.autonomous,
            budgets=new_budgets(state.budgets, configuration.settings.budgets),
            batch=options.batch,
            policy_files=kept_policy(configuration, Blobs(folder / "blobs", redactor.holds_secret)),
        ),
    )


def _as_it_started(options: RunOptions, records: list[ev.Record]) -> RunOptions:
    """A resumed run has the model of its start, unless another is asked for."""
    started = records[0].event
    if options.model is not None or not isinstance(started, ev.RunStarted):
        return options
    return replace(options, model=started.model_spec)


def _resumable(records: list[ev.Record], folder: Path) -> RunState:
    if not records:
        raise InputFault(f"{folder.name}: it ended before anything happened; start the story again")
    state = fold(records)
    if state.outcome == "complete":
        raise InputFault(f"{folder.name} is complete; there is nothing to resume")
    return state
