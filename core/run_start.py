"""What a run starts from, as its first event says it: inputs, settings, and the files that stood there."""

from __future__ import annotations

from pathlib import Path

from core import __version__
from core import events as ev
from core.blobs import Blobs
from core.domain import Sha, WorkerProfile
from core.logs.files import file_names
from core.models.base import Model
from core.preparation import (
    Configuration,
    Inputs,
    RunOptions,
    autonomy_level,
    model_spec,
    review_policy,
)


def run_started(
    root: Path,
    inputs: Inputs,
    blobs: Blobs,
    *,
    configuration: Configuration,
    model: Model,
    options: RunOptions,
) -> ev.RunStarted:
    worker, settings = configuration.worker, configuration.settings
    autonomy, autonomy_from = autonomy_level(inputs, configuration, options)
    document = worker.architecture_document
    return ev.RunStarted(
        story=inputs.story,
        plan=inputs.plan,
        scope=inputs.scope,
        settled=inputs.settled,
        worker=worker,
        model=model.name,
        scripted=model.scripted,
        autonomy=autonomy,
        autonomy_from=autonomy_from,
        review=review_policy(options, settings),
        batch=bool(options.batch),
        policy_files=kept_policy(configuration, blobs),
        headless=not options.attended,
        budgets=settings.budgets,
        signoff_version=__version__,
        architecture_text=_kept(root / document, blobs) if document else None,
        earlier=_earlier(root / inputs.story.implementation, worker, blobs),
        warnings=(*inputs.warnings, *worker.warnings),
        answers_from=options.answers.name if options.answers else None,
        model_spec=model_spec(root, settings, options),
        context_tokens=model.context_tokens,
    )


def kept_policy(configuration: Configuration, blobs: Blobs) -> tuple[tuple[str, Sha], ...]:
    return tuple((name, blobs.put(text)) for name, text in configuration.policy_texts.items())


def _earlier(folder: Path, worker: WorkerProfile, blobs: Blobs) -> tuple[tuple[str, Sha], ...]:
    """The log files that stand there already: this run continues them."""
    found = ((name, _kept(folder / name, blobs)) for name in file_names(worker))
    return tuple((name, sha) for name, sha in found if sha is not None)


def _kept(path: Path, blobs: Blobs) -> Sha | None:
    return blobs.put(path.read_bytes()) if path.is_file() else None
