"""Secrets placed in an env file, the environment and a source file are nowhere afterwards (RELIABILITY)."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from core import events as ev
from core.journal import read
from core.models.scripted import load_script
from core.session import RunOptions, start
from tests.core import small_story as story
from tests.protocol_script import scripted_answer, with_faults
from tests.protocol_server import ProtocolServer

IN_ENVIRONMENT = "cAnary-env-51f0e7a2"
IN_ENV_FILE = "cAnary-file-90ab77c3"
IN_SOURCE = "cAnary0source0d41d8cd98f"
CANARIES = (IN_ENVIRONMENT, IN_ENV_FILE, IN_SOURCE)

SETTINGS = f'"""Settings."""\n\nAPI_TOKEN = "{IN_SOURCE}"\nRETRIES = 2\n'
# Run as a command of the worker's: it tells its environment backwards, which no redaction knows.
NOSY_TEST = """
import os, pathlib

def test_nosy():
    print("seen:", str(dict(os.environ))[::-1])
    print(pathlib.Path(".env").read_text(), pathlib.Path("apps/api/services/items/settings.py").read_text())
    assert False
"""


class Afterwards(NamedTuple):
    root: Path
    run: Path
    records: list[ev.Record]
    requests: list[dict[str, object]]


@pytest.fixture(scope="module")
def afterwards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Afterwards]:
    folder = tmp_path_factory.mktemp("canary")
    settings = "apps/api/services/items/settings.py"
    root = story.make_workspace(
        folder,
        {
            ".env": f"SERVICE_KEY={IN_ENV_FILE}\n",
            settings: SETTINGS,
            "tests/test_nosy.py": NOSY_TEST,
            "docs/architecture/api-layer.md": f"# Layers\n\nThe staging token is {IN_ENV_FILE}.\n",
        },
    )
    calls = [
        {"read_file": {"path": settings}},
        {"read_file": {"path": ".env"}},
        {"search": {"pattern": "cAnary"}},
        story.open_chunk(),
        story.edit("RETRIES = 2", "RETRIES = 3", settings),
        story.edit("TOTAL: int = 0", f'TOTAL: int = 0  # not "{IN_ENVIRONMENT}"'),
        {"run_command": {"argv": ["python", "-m", "pytest", "-s", "tests/test_nosy.py"]}},
        story.close_chunk(f"the key is {IN_ENV_FILE}"),
    ]
    script = story.script_file(folder, [story.reply(call) for call in calls], [story.reply(story.complete())])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIGNOFF_STATE_DIR", str(folder / "state"))
        with ProtocolServer(with_faults(scripted_answer(load_script(script)), {})) as server:
            environ = {
                **os.environ,
                "ANTHROPIC_API_KEY": "not-a-key-but-secret-1",
                "ANTHROPIC_BASE_URL": server.url,
                "DEPLOY_TOKEN": IN_ENVIRONMENT,
            }
            run = start(
                root / story.FEATURE,
                story.STORY,
                RunOptions(environ=environ, model="anthropic:claude-opus-5-5", attended=False, trusted=True),
            )
            finished = asyncio.run(run.drive())
            assert finished.outcome == "complete", finished.reason
            yield Afterwards(root, run.folder, read(run.folder)[1], server.requests)


@pytest.mark.parametrize("canary", CANARIES)
def test_no_file_of_the_run_and_no_log_has_it(afterwards: Afterwards, canary: str) -> None:
    places = [afterwards.run, afterwards.root / story.IMPLEMENTATION]
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert not [path for path in files if canary.encode() in path.read_bytes()]


@pytest.mark.parametrize("canary", (*CANARIES, "not-a-key-but-secret-1"))
def test_no_request_to_the_model_has_it(afterwards: Afterwards, canary: str) -> None:
    assert afterwards.requests
    assert canary not in json.dumps(afterwards.requests)


def test_a_program_of_the_workspace_saw_none_of_the_environments(afterwards: Afterwards) -> None:
    ran = [r.event.text for r in afterwards.records if isinstance(r.event, ev.ToolFinished)]
    told = next(text for text in ran if "seen:" in text)
    assert "HTAP" in told and IN_ENVIRONMENT[::-1] not in told


def test_marks_stand_where_they_were(afterwards: Afterwards) -> None:
    said = [r.event.text for r in afterwards.records if isinstance(r.event, ev.ToolFinished)]
    assert 'API_TOKEN = "[redacted: secret]"' in said[0]
    assert "may hold secrets" in said[1]
    assert "[redacted: SERVICE_KEY]" in said[6]


def test_the_files_themselves_keep_theirs(afterwards: Afterwards) -> None:
    settings = (afterwards.root / "apps/api/services/items/settings.py").read_text()
    assert settings == SETTINGS.replace("RETRIES = 2", "RETRIES = 3")
