"""What a live run showed is what its journal gives, at any record; and so are its log files (issue 5).

SIGNOFF_SOAK=1 (make soak) does it with the sample runs of the product too: both of Python, and TypeScript.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core import index_tail
from core.answers_file import AnswersFile, DecisionAnswer, load_answers
from core.blobs import Blobs
from core.demo import prepare_sample
from core.journal import read
from core.journal_recording import open_recording
from core.logs.files import fold as fold_logs
from core.run_state import Entry, RunState
from core.session import Run, RunOptions, start
from tests.core.journal_on_disk import read_to_its_end
from tests.core.small_story import (
    close_chunk,
    complete,
    drive,
    edit,
    make_workspace,
    open_chunk,
    raise_decision,
    reply,
    script_file,
    start_run,
    write,
)

CHECK = {".signoff/config.yaml": "checks:\n  commands: [[ls, apps]]\n"}
SAMPLES = [("python", None), ("python", "blocked"), ("typescript", None)]
SOAK = bool(os.environ.get("SIGNOFF_SOAK"))


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(index_tail, "PAGE_RECORDS", 20)
    monkeypatch.setenv("SIGNOFF_STATE_DIR", str(tmp_path / "state"))


def test_of_a_small_run(tmp_path: Path) -> None:
    asks = raise_decision("Which name?")
    names = [open_chunk("names", ["2"]), write("apps/api/services/items/names.py", "NAME = 'a'\n")]
    script = script_file(
        tmp_path,
        [
            reply(open_chunk(), asks),
            reply(edit("TOTAL: int = 0", "TOTAL: int = 1"), write("apps/web/x.tsx", "no"), close_chunk()),
        ],
        [reply(*names, close_chunk("named"))],
        [reply(complete(()))],
    )
    named = DecisionAnswer(match="^Which", option="2", text="", note="")
    run = start_run(
        make_workspace(tmp_path, CHECK), script, answers=AnswersFile(name="a", decisions=(named,), reviews=())
    )
    assert_its_journal_gives_what_it_showed(run)


@pytest.mark.skipif(not SOAK, reason="minutes: make soak")
@pytest.mark.parametrize(("name", "variant"), SAMPLES)
def test_of_a_sample_run(tmp_path: Path, name: str, variant: str | None) -> None:
    sample = prepare_sample(name, variant, tmp_path / "w", environ=dict(os.environ), say=lambda _: None)
    options = RunOptions(
        environ=dict(os.environ),
        model=f"scripted:{sample.script}",
        attended=False,
        answers=load_answers(sample.answers),
        worker=sample.worker,
    )
    assert_its_journal_gives_what_it_showed(start(sample.feature_dir, sample.story_id, options))


def assert_its_journal_gives_what_it_showed(run: Run) -> None:
    shown: list[tuple[RunState, dict[int, tuple[Entry, ...]]]] = []
    run._stream.add_sink(lambda record: shown.append((run.state, streams(run))))
    drive(run)
    recording = read_to_its_end(open_recording(run.folder))
    assert recording.length == len(shown) > 40
    for seq in (*range(1, len(shown), 10), len(shown)):
        state, entries = shown[seq - 1]
        assert recording.state_at(seq) == state, f"after record {seq}"
        assert {n: tuple(recording.entries(n, seq)) for n in entries} == entries, f"after record {seq}"
    for chunk in run.state.chunks:
        assert recording.log_entry(chunk.number, len(shown)) == run.log_entry(chunk.number)
    made = fold_logs(read(run.folder)[1], Blobs(run.folder / "blobs").get)
    assert run.state.worker is not None and made[run.state.worker.log_file]
    assert {name: (run.root / run.implementation / name).read_bytes() for name in made} == made


def streams(run: Run) -> dict[int, tuple[Entry, ...]]:
    return {chunk.number: tuple(run.entries(chunk.number)) for chunk in run.state.chunks}
