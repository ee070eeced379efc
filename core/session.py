"""The facade of a run: start one, resume one, drive it, watch it, tell it something.

    run = start(feature_dir, story_id, options)      # reads and locks; raises InputFault
    finished = await run.drive()                      # runs the engine to its end

Nothing here imports what a first frame does not need: the engine comes in with `drive`.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core import __version__
from core import events as ev
from core.answers_file import AnswersFile
from core.blobs import Blobs
from core.commands import Command, CommandRefused
from core.config import Settings, is_trusted, load_settings
from core.decisions.configuration import DecisionConfig, load_decision_config
from core.decisions.policy import effective_level
from core.domain import AutonomyLevel, ReviewPolicy, SettledDecision, WorkerProfile, value
from core.fold import apply, fold
from core.journal import Header, Journal
from core.logs.architectural import FILE, read_settled
from core.logs.files import file_names
from core.models.registry import make_model
from core.plan import read_plan
from core.run_state import RunState
from core.runs import RUNS, find_run, open_for_writing, state_folder
from core.scope import read_scope
from core.story import InputFault, find_story, find_workspace
from core.story_lock import StoryLock
from core.stream import Stream, Watcher
from core.worker_profile import bundled_profile, load_profile

if TYPE_CHECKING:
    from core.diff import FileDiff
    from core.inbox import Inbox
    from core.models.base import Model


@value
class RunOptions:
    """How to run. `model` as `anthropic`, `anthropic:NAME` or `scripted:FILE`; None is the settings'.

    `attended`: a person is there. `answers` stands in for one. `speed` paces the scripted model
    (None: no pauses). `overrides` are settings from the command line.
    """

    environ: Mapping[str, str]
    model: str | None = None
    autonomous: AutonomyLevel | None = None
    review: ReviewPolicy | None = None
    attended: bool = True
    answers: AnswersFile | None = None
    worker: Path | None = None
    stage: str | None = None
    speed: float | None = None
    trusted: bool = False
    overrides: Mapping[str, object] = field(default_factory=dict)


class Run:
    """A live run. `state` is right at any time; everything else goes through the stream."""

    live = True

    def __init__(
        self,
        root: Path,
        stream: Stream,
        lock: StoryLock,
        blobs: Blobs,
        model: Model,
        options: RunOptions,
        settings: Settings,
        policy: DecisionConfig,
        first_event: ev.RunStarted | ev.RunResumed,
    ) -> None:
        self.root = root
        self.run_id = stream.run_id
        self._stream = stream
        self._lock = lock
        self._blobs = blobs
        self._model = model
        self._options = options
        self._settings = settings
        self._policy = policy
        self._first_event = first_event
        self._inbox: Inbox | None = None

    @property
    def state(self) -> RunState:
        return self._stream.state

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
            raise CommandRefused("the run is still being prepared")
        self._inbox.submit(command)

    def diff(self, chunk: int) -> tuple[FileDiff, ...]:
        """The chunk's net diff, from blobs (the workspace is not read)."""
        from core.chunk_view import chunk_diff

        return chunk_diff(self.state, chunk, self._blobs.get)

    def log_entry(self, chunk: int) -> str:
        """What BACKEND-LOG.md has on the chunk so far."""
        from core.chunk_view import log_entry

        return log_entry(self._stream.records, chunk, self._blobs.get)

    async def drive(self) -> ev.RunFinished:
        """Runs the engine to the end of the run. Cancelling it leaves a run that can be resumed."""
        from core.assembly import assemble

        try:
            engine, chunks, self._inbox = assemble(
                root=self.root,
                stream=self._stream,
                blobs=self._blobs,
                model=self._model,
                options=self._options,
                settings=self._settings,
                policy=self._policy,
                first_event=self._first_event,
            )
            return await engine.run(chunks)
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
    story = find_story(feature_dir, story_id, options.stage, root)
    implementation = root / story.implementation
    plan, scope = read_plan(implementation, root), read_scope(implementation, root)
    settings, profile, policy = _configuration(root, options)
    settled, warnings = _settled(implementation)
    autonomy, autonomy_from = effective_level(
        command_line=options.autonomous, story=story.autonomy_level or settings.autonomy, config=policy
    )
    model = _model(settings, options)
    run_id = new_run_id(story.id)
    lock = StoryLock(state_folder(root) / "locks", story.id, run_id)
    folder = state_folder(root) / RUNS / run_id
    journal = Journal.create(folder, Header(run_id=run_id, story_id=story.id, story_folder=story.folder))
    blobs = Blobs(folder / "blobs")
    started = ev.RunStarted(
        story=story,
        plan=plan,
        scope=scope,
        settled=settled,
        worker=profile,
        model=model.name,
        scripted=model.scripted,
        autonomy=autonomy,
        autonomy_from=autonomy_from,
        review=_review_policy(options, settings),
        headless=not options.attended,
        budgets=settings.budgets,
        signoff_version=__version__,
        architecture_text=_kept(root / profile.architecture_document, blobs)
        if profile.architecture_document
        else None,
        earlier=_earlier(implementation, profile, blobs),
        warnings=(*story.warnings, *plan.warnings, *scope.warnings, *warnings),
        answers_from=options.answers.name if options.answers else None,
        model_spec=_model_spec(settings, options),
        context_tokens=model.context_tokens,
    )
    stream = Stream(journal, [], _preview(started, run_id))
    return Run(root, stream, lock, blobs, model, options, settings, policy, started)


def resume(reference: str, options: RunOptions, start_from: Path) -> Run:
    """Takes a run up again where its journal ends. Raises InputFault when it can't be."""
    root = find_workspace(start_from)
    folder = find_run(root, reference)
    header, _ = open_header(folder)
    lock = StoryLock(state_folder(root) / "locks", header.story_id, header.run_id)
    try:
        journal, records = open_for_writing(folder)
        try:
            state = _resumable(records, folder)
            options = _as_it_started(options, records)
            settings, _, policy = _configuration(root, options)
            model = _model(settings, options)
        except BaseException:
            journal.close()
            raise
    except BaseException:
        lock.release()
        raise
    resumed = ev.RunResumed(
        headless=not options.attended,
        model=model.name,
        scripted=model.scripted,
        review=options.review or state.review,
        answers_from=options.answers.name if options.answers else None,
    )
    stream = Stream(journal, records, state)
    return Run(root, stream, lock, Blobs(folder / "blobs"), model, options, settings, policy, resumed)


def new_run_id(story_id: str) -> str:
    """`WISH-001-20261124-104512-3fa9`: sorts by time, tells the story, never collides."""
    return f"{story_id}-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def first_chunk_number(earlier_log: str) -> int:
    """Chunks of an earlier run in the same log keep their numbers; ours go on after them."""
    found = re.findall(
        r"^#{1,6}[ \t]*(?:\w+ )?Chunk[ \t]+(\d+)(?:[ \t]*[-–][ \t]*(\d+)\b)?", earlier_log, re.M
    )
    return max((int(last or first) for first, last in found), default=0) + 1


def open_header(folder: Path) -> tuple[Header, Path]:
    from core.journal import JournalFault, read_header

    try:
        return read_header(folder), folder
    except JournalFault as fault:
        raise InputFault(str(fault)) from None


def _configuration(root: Path, options: RunOptions) -> tuple[Settings, WorkerProfile, DecisionConfig]:
    trusted = options.trusted or is_trusted(root)
    if not trusted:
        raise InputFault(
            f"{root}: this workspace is not trusted yet. Its own programs (type checker, tests) will run. "
            f"If you trust it: signoff trust {root}"
        )
    settings, _ = load_settings(root, environ=options.environ, overrides=options.overrides, trusted=trusted)
    if settings.commit != "none":
        raise InputFault(f"commit: {settings.commit} is not available in Signoff {__version__}; use none")
    profile = load_profile(options.worker) if options.worker else bundled_profile("backend")
    profile = replace(profile, commands=(*profile.commands, *settings.commands))
    return settings, profile, load_decision_config(root / ".claude" / "config")


def _model(settings: Settings, options: RunOptions) -> Model:
    try:
        return make_model(
            _model_spec(settings, options),
            settings_model=settings.model,
            max_output_tokens=settings.max_output_tokens,
            effort=settings.effort,
            environ=options.environ,
            speed=options.speed,
        )
    except ValueError as fault:
        raise InputFault(str(fault)) from None


def _model_spec(settings: Settings, options: RunOptions) -> str:
    """What to ask for by name: with the file's whole path, so that it can be asked for again."""
    spec = options.model or "anthropic"
    kind, _, rest = spec.partition(":")
    if kind == "scripted" and rest:
        return f"scripted:{Path(rest).resolve()}"
    return f"anthropic:{settings.model}" if spec == "anthropic" else spec


def _as_it_started(options: RunOptions, records: list[ev.Record]) -> RunOptions:
    """A resumed run has the model of its start, unless another is asked for."""
    started = records[0].event
    if options.model is not None or not isinstance(started, ev.RunStarted):
        return options
    return replace(options, model=started.model_spec)


def _review_policy(options: RunOptions, settings: Settings) -> ReviewPolicy:
    """`each` when somebody is there to review, `never` when nobody is (SPEC 4.5)."""
    somebody = options.attended or options.answers is not None
    return options.review or settings.review or ("each" if somebody else "never")


def _settled(implementation: Path) -> tuple[tuple[SettledDecision, ...], tuple[str, ...]]:
    path = implementation / FILE
    if not path.exists():
        return (), ()
    return read_settled(path.read_text("utf-8", "replace"), FILE)


def _earlier(implementation: Path, profile: WorkerProfile, blobs: Blobs) -> tuple[tuple[str, str], ...]:
    found = ((name, _kept(implementation / name, blobs)) for name in file_names(profile))
    return tuple((name, sha) for name, sha in found if sha is not None)


def _kept(path: Path, blobs: Blobs) -> str | None:
    return blobs.put(path.read_bytes()) if path.is_file() else None


def _preview(started: ev.RunStarted, run_id: str) -> RunState:
    """What the first frame shows, before the first record is in the journal."""
    return apply(RunState(), ev.Record(seq=0, run_id=run_id, at=datetime.now(UTC), event=started))


def _resumable(records: list[ev.Record], folder: Path) -> RunState:
    if not records:
        raise InputFault(f"{folder.name}: it ended before anything happened; start the story again")
    state = fold(records)
    if state.outcome == "complete":
        raise InputFault(f"{folder.name} is complete; there is nothing to resume")
    return state
