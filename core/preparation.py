"""Everything that a run needs is read, and found wanting, before it begins (SPEC 2).

Nothing here writes; each fault is an InputFault or YamlFault, one line that names the file.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import field, replace
from datetime import UTC, datetime
from pathlib import Path

from core.answers_file import AnswersFile
from core.blobs import BlobFault
from core.chunk_commit import refuse_uncommittable
from core.config import Settings, is_trusted, load_settings
from core.decisions.configuration import DecisionConfig, parse_decision_config, read_policy_texts
from core.decisions.policy import effective_level
from core.domain import (
    AutonomyLevel,
    Plan,
    ReviewPolicy,
    Scope,
    SettledDecision,
    Story,
    WorkerProfile,
    value,
)
from core.journal import JournalFault
from core.log_places import refuse_odd_places
from core.logs.architectural import FILE, read_settled
from core.logs.files import EDITED_FILES
from core.models.base import Model, ModelFault
from core.models.registry import make_model
from core.plan import read_plan
from core.runs import find_run
from core.scope import read_scope
from core.story import InputFault, find_story, read_text
from core.worker_profile import bundled_profile, load_profile

LONGEST_STORY_ID = 200  # bytes; a file name has 255, and a run's adds 21


@value
class RunOptions:
    """How to run. `model` as `anthropic`, `anthropic:NAME` or `scripted:FILE`; None is the settings'.

    `batch` None is the run's own setting. `attended`: a person is there. `answers` stands in for one.
    `speed` paces the scripted model (None: no pauses). `overrides` are settings from the command line.
    """

    environ: Mapping[str, str]
    model: str | None = None
    autonomous: AutonomyLevel | None = None
    review: ReviewPolicy | None = None
    batch: bool | None = None
    attended: bool = True
    answers: AnswersFile | None = None
    worker: Path | None = None
    stage: str | None = None
    speed: float | None = None
    trusted: bool = False
    overrides: Mapping[str, object] = field(default_factory=dict)


@value
class Configuration:
    """How a workspace is run: settings, worker, decision policy (and the files that it was read from)."""

    settings: Settings
    worker: WorkerProfile
    policy: DecisionConfig
    policy_texts: Mapping[str, bytes]


@value
class Inputs:
    """What a story's folder says. `warnings` is what its files left unclear."""

    story: Story
    plan: Plan
    scope: Scope
    settled: tuple[SettledDecision, ...]
    warnings: tuple[str, ...]


def read_inputs(feature_dir: Path, story_id: str, stage: str | None, root: Path) -> Inputs:
    story = find_story(feature_dir, story_id, stage, root)
    if (size := len(story.id.encode())) > LONGEST_STORY_ID:
        raise InputFault(
            f"story id of {size} bytes: expected at most {LONGEST_STORY_ID}; runs are named by it"
        )
    folder = root / story.implementation
    # Which worker runs, and so the name of its log, is not known yet.
    logs = sorted(path.name for path in folder.glob("*LOG.md"))
    refuse_odd_places(root, story.implementation, (*EDITED_FILES, *logs))
    plan, scope = read_plan(folder, root), read_scope(folder, root)
    settled, warnings = _settled(folder, root)
    return Inputs(
        story=story,
        plan=plan,
        scope=scope,
        settled=settled,
        warnings=(*story.warnings, *plan.warnings, *scope.warnings, *warnings),
    )


def read_configuration(root: Path, options: RunOptions) -> Configuration:
    trusted = options.trusted or is_trusted(root)
    if not trusted:
        raise InputFault(
            f"{root}: this workspace is not trusted yet. Its own programs (type checker, tests) will run. "
            f"If you trust it: signoff trust {root}"
        )
    settings, _ = load_settings(root, environ=options.environ, overrides=options.overrides, trusted=trusted)
    if settings.commit == "chunk":
        refuse_uncommittable(root, options.environ)
    policy_texts = read_policy_texts(policy_folder(root))
    worker = load_profile(options.worker) if options.worker else bundled_profile("backend")
    return Configuration(
        settings=settings,
        worker=replace(worker, commands=(*worker.commands, *settings.commands)),
        policy=parse_decision_config(policy_texts, policy_folder(root)),
        policy_texts=policy_texts,
    )


def read_model(root: Path, settings: Settings, options: RunOptions) -> Model:
    """The model, and whether it can be asked at all (a missing key is told before anything begins)."""
    try:
        return make_model(
            model_spec(root, settings, options),
            settings_model=settings.model,
            max_output_tokens=settings.max_output_tokens,
            effort=settings.effort,
            environ=options.environ,
            speed=options.speed,
            context_editing=settings.context_editing,
        )
    except (ValueError, ModelFault, JournalFault, BlobFault) as fault:
        raise InputFault(str(fault)) from None


def model_spec(root: Path, settings: Settings, options: RunOptions) -> str:
    """What to ask for by name: with the file's whole path, so that it can be asked for again."""
    spec = options.model or "anthropic"
    kind, _, rest = spec.partition(":")
    if kind == "scripted" and rest:
        return f"scripted:{Path(rest).resolve()}"
    if kind == "recorded" and rest:
        return f"recorded:{find_run(root, rest)}"
    return f"anthropic:{settings.model}" if spec == "anthropic" else spec


def policy_folder(root: Path) -> Path:
    return root / ".claude" / "config"


def autonomy_level(
    inputs: Inputs, configuration: Configuration, options: RunOptions
) -> tuple[AutonomyLevel, str]:
    """The level and where it comes from, in the precedence of SPEC 5; the product's own setting last."""
    level, source = effective_level(
        command_line=options.autonomous,
        story=inputs.story.autonomy_level,
        config=configuration.policy,
    )
    ours = configuration.settings.autonomy
    return (ours, "autonomy of the settings") if ours and source == "built-in default" else (level, source)


def review_policy(options: RunOptions, settings: Settings) -> ReviewPolicy:
    """`each` when somebody is there to review, `never` when nobody is (SPEC 4.5)."""
    somebody = options.attended or options.answers is not None
    return options.review or settings.review or ("each" if somebody else "never")


def new_run_id(story_id: str) -> str:
    """`WISH-001-20261124-104512-3fa9`: sorts by time, tells the story, never collides."""
    return f"{story_id}-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def first_chunk_number(earlier_log: str) -> int:
    """Chunks of an earlier run in the same log keep their numbers; ours go on after them."""
    heading = r"^#{1,6}[ \t]*(?:\w+ )?Chunk[ \t]+(\d+)(?:[ \t]*[-–][ \t]*(\d+)\b)?"
    found = re.findall(heading, earlier_log, re.M)
    return max((int(last or first) for first, last in found), default=0) + 1


def _settled(folder: Path, root: Path) -> tuple[tuple[SettledDecision, ...], tuple[str, ...]]:
    path = folder / FILE
    return read_settled(read_text(path, root), FILE) if path.exists() else ((), ())
