"""`signoff demo`: copies a sample workspace into a folder and runs its story there."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from core.domain import value
from core.process import find_program, scrubbed_environ
from core.resources import resource_folder
from core.story import InputFault
from core.trust import trust
from core.yaml_file import load_yaml

SETUP_TIMEOUT_S = 600


@value
class Sample:
    """A sample story, copied and ready. `answers` stands in for the human when headless."""

    name: str
    root: Path
    feature_dir: Path
    story_id: str
    script: Path
    answers: Path
    worker: Path | None


def sample_names() -> list[str]:
    folder = resource_folder("sample_stories")
    return sorted(f.name for f in folder.iterdir() if (f / "sample.yaml").is_file())


def prepare_sample(
    name: str,
    variant: str | None,
    into: Path | None,
    *,
    environ: Mapping[str, str],
    say: Callable[[str], None],
) -> Sample:
    """Copies the sample and does its set-up. Raises InputFault; progress is said through `say`."""
    source = resource_folder("sample_stories") / name
    if not (source / "sample.yaml").is_file():
        raise InputFault(f"no sample {name!r}; there are: {', '.join(sample_names())}")
    described = _described(source / "sample.yaml")
    files = _variant(described, variant, name)
    missing = [p for p in _texts(described.get("needs")) if find_program(p, source, environ) is None]
    if missing:
        raise InputFault(f"the {name} sample needs {', '.join(missing)}, which is not on PATH")
    root = _fresh_folder(into)
    say(f"copying the {name} sample into {root}")
    shutil.copytree(source / "workspace", root, dirs_exist_ok=True, symlinks=True)
    _make_repository(root, environ)
    trust(root)  # a copy of what ships with Signoff
    for argv in _commands(described.get("setup")):
        say(f"setting up: {' '.join(argv)}")
        _set_up(argv, root, environ)
    worker = described.get("worker")
    return Sample(
        name=name,
        root=root,
        feature_dir=root / str(described["feature_dir"]),
        story_id=str(described["story_id"]),
        script=source / files["script"],
        answers=source / files["answers"],
        worker=source / str(worker) if worker else None,
    )


def _described(path: Path) -> dict[str, object]:
    raw = load_yaml(path)
    if not isinstance(raw, dict) or not {"feature_dir", "story_id"} <= raw.keys():
        raise InputFault(f"{path}: a sample names its feature_dir and story_id")
    return raw


def _variant(described: dict[str, object], variant: str | None, name: str) -> dict[str, str]:
    files = {"script": "script.yaml", "answers": "answers.yaml"}
    if variant is None:
        return files
    variants = described.get("variants") or {}
    assert isinstance(variants, dict)
    if variant not in variants:
        raise InputFault(
            f"the {name} sample has no variant {variant!r}; it has: {', '.join(variants) or 'none'}"
        )
    return files | {str(k): str(v) for k, v in variants[variant].items()}


def _texts(found: object) -> tuple[str, ...]:
    return tuple(str(item) for item in found) if isinstance(found, list) else ()


def _commands(found: object) -> tuple[tuple[str, ...], ...]:
    return tuple(_texts(argv) for argv in found) if isinstance(found, list) else ()


def _fresh_folder(into: Path | None) -> Path:
    if into is None:
        return Path(tempfile.mkdtemp(prefix="signoff-demo-"))
    try:
        if into.exists() and (not into.is_dir() or any(into.iterdir())):
            raise InputFault(f"{into}: the demo needs a folder that does not exist yet, or is empty")
        into.mkdir(parents=True, exist_ok=True)
        return into.resolve()
    except OSError as fault:
        raise InputFault(f"{into}: the demo's folder can't be made: {fault.strerror or fault}") from None


def _make_repository(root: Path, environ: Mapping[str, str]) -> None:
    """A git repository with one commit, so that `git diff` shows the run's work afterwards.

    Without git the bare skeleton of one is made: the run itself needs no more than its root.
    """
    git = find_program("git", root, environ)
    if git is None:
        for folder in ("objects", "refs/heads"):
            (root / ".git" / folder).mkdir(parents=True)
        (root / ".git" / "HEAD").write_text("ref: refs/heads/main\n", "utf-8")
        return
    # Where somebody's own repository is (as in a git hook) is not where this one goes.
    plain = {name: text for name, text in environ.items() if not name.startswith("GIT_")}
    who = ["-c", "user.name=signoff demo", "-c", "user.email=demo@localhost", "-c", "commit.gpgsign=false"]
    for argv in (
        ["init", "-q", "-b", "main"],
        ["add", "-A"],
        [*who, "commit", "-q", "-m", "The sample, before the run"],
    ):
        done = subprocess.run([git, *argv], cwd=root, env=plain, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise InputFault(f"git {' '.join(argv)} failed in {root}: {' '.join(done.stderr.split())}")


def _set_up(argv: tuple[str, ...], root: Path, environ: Mapping[str, str]) -> None:
    program = find_program(argv[0], root, environ)
    if program is None:
        raise InputFault(f"the sample's set-up needs {argv[0]}, which is not on PATH")
    try:
        done = subprocess.run(
            [program, *argv[1:]],
            cwd=root,
            env=scrubbed_environ(environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=SETUP_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InputFault(f"{' '.join(argv)}: no end after {SETUP_TIMEOUT_S} s") from None
    if done.returncode != 0:
        last = done.stdout.strip().splitlines()[-3:]
        raise InputFault(f"{' '.join(argv)} failed in {root}: {' / '.join(last)}")
