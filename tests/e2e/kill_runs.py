"""A story that is killed at given records and taken up again, held against its uninterrupted run."""

from __future__ import annotations

import difflib
import importlib
import multiprocessing
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from core import events as ev
from core.domain import value
from core.fold import fold
from core.journal import read
from core.run_state import RunState
from core.verify import verify

ROOT = Path(__file__).resolve().parents[2]
STORIES = ("kill_story", "kill_story_ends")
TIMES = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?|\d+(?:\.\d+)? m?s\b|DEMO-001-\d{8}-\d{6}-[0-9a-f]{4}"
    r"|(?<=Commit: )[0-9a-f]{12}"  # a commit's name holds its time
    r"|(?<=usage: input )[\d,]+"  # the log is part of what is sent, and it says how long checks took
)
LONGEST_S = 300
# Of a process that is gone before it is looked after, multiprocessing knows no more than that: 255.
KILLED = (-signal.SIGKILL, 255)


@value
class Kill:
    """`at` says where each process in turn is killed: behind its nth record, or (-n) right before it."""

    story: str
    at: tuple[int, ...]

    @property
    def name(self) -> str:
        return f"{self.story}@{','.join(map(str, self.at))}"


@value
class Verdict:
    """What a killed run differs in from the uninterrupted one ("" for nothing). `asked_twice` counts the
    model turns that were asked again though their reply was recorded, `cut_off` those whose reply was lost.
    """

    difference: str = ""
    asked_twice: int = 0
    cut_off: int = 0


# Each process is forked from one that has all modules loaded: real processes to be killed, sooner begun.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.e2e.kill_warm"])


def play(story: str, folder: Path, at: int | None = None) -> int:
    """Starts the story in `folder`, or takes it up again; the exit code of its process."""
    folder.mkdir(exist_ok=True)
    process = _PROCESSES.Process(target=_play, args=(story, folder, at))
    process.start()
    process.join(LONGEST_S)
    if process.exitcode is None:
        process.kill()
        raise TimeoutError(f"{story} in {folder.name}: not at its end after {LONGEST_S} s")
    return process.exitcode


def _play(story: str, folder: Path, at: int | None) -> None:
    os.chdir(ROOT)
    sys.stderr = sys.stdout = (folder / "output").open("a", encoding="utf-8")
    sys.argv = [story, str(folder), *([str(at)] if at else [])]
    importlib.import_module(f"tests.e2e.{story}").main()


def judge(kill: Kill, whole: Path, folder: Path) -> Verdict:
    """Plays the story in `folder` with these kills, and to its end. The journal is looked at on the way: what
    stood in it stays, and it ends where the process was killed."""
    stood: list[ev.Record] = []
    for at in (*kill.at, None):
        code = play(kill.story, folder, at)
        found = journal(folder)
        if found[: len(stood)] != stood:
            return Verdict(difference="records of before the kill are others now")
        if code == 0:
            return _verdict(whole, folder)
        if code not in KILLED or at is None or len(found) != len(stood) + (at if at > 0 else -at - 1):
            return Verdict(difference=f"exit {code} with {len(found)} records, {len(stood)} of them before")
        stood = found
    raise AssertionError("the last process is not killed")


def _verdict(whole: Path, folder: Path) -> Verdict:
    records = journal(folder)
    asked_twice = finished_turns(records) - finished_turns(journal(whole))
    return Verdict(
        difference=difference(outcome(whole), outcome(folder)),
        asked_twice=asked_twice.total(),
        cut_off=_cut_off(records),
    )


def journal(folder: Path) -> list[ev.Record]:
    """The records of the only run in there, verified."""
    (run,) = (folder / "workspace" / ".signoff" / "runs").iterdir()
    found = verify(run)
    assert found.ok, found
    return read(run)[1]


def finished_turns(records: list[ev.Record]) -> Counter[str]:
    """What the model was paid for, by the conversation it was said in."""
    return Counter(
        f"{event.chunk} {event.about and 'aside'} {[type(b).__name__ for b in event.blocks]} {event.blocks}"
        for event in (record.event for record in records)
        if isinstance(event, ev.ModelTurnFinished)
    )


def _cut_off(records: list[ev.Record]) -> int:
    kinds = Counter(type(record.event) for record in records)
    return kinds[ev.ModelTurnStarted] - kinds[ev.ModelTurnFinished] - kinds[ev.ModelTurnFailed]


def outcome(folder: Path) -> dict[str, Any]:
    """All that the run left: files, logs (but for times), what was decided, what was committed."""
    root = folder / "workspace"
    files = {
        f"file {path.relative_to(root)}": TIMES.sub("<time>", path.read_text("utf-8"))
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".signoff/" not in f"{path.relative_to(root)}/" and ".git" not in path.parts
    }
    return {**files, **_shape(fold(journal(folder))), "commits": _commits(root)}


def _shape(state: RunState) -> dict[str, Any]:
    return {
        "chunks": [(c.number, c.status, c.summary, c.round, c.closed_files) for c in state.opened_chunks],
        "decisions": [
            (d.request, d.policy, d.answer, d.recorded_as, d.overturned and d.overturned.answer)
            for d in state.decisions
        ],
        "steps": [(s.step.id, s.status) for s in state.steps],
        "reviews": [(r.round, r.verdict, r.comment) for c in state.chunks for r in c.reviews],
        "waived": [w.finding for c in state.chunks for w in c.waived],
        # Whether a command that a kill cut off has finished is asked only then.
        "questions": [
            (i.kind, i.title, i.detail, i.options, i.chunk)
            for i in state.inputs
            if i.kind != "unknown_effect"
        ],
        "turns": state.turns,
        "outcome": (state.outcome, state.exit_code),
    }


def _commits(root: Path) -> str:
    if not (root / ".git" / "HEAD").exists():
        return ""
    argv = ["git", "log", "--format=%s", "--name-status"]
    return subprocess.run(argv, cwd=root, check=True, capture_output=True, text=True).stdout


def difference(expected: dict[str, Any], found: dict[str, Any]) -> str:
    """Lines that say what differs."""
    lines: list[str] = []
    for key in sorted(expected.keys() | found.keys()):
        one, other = expected.get(key), found.get(key)
        if one != other:
            pair = (_lines(one), _lines(other))
            lines += [key, *(line for line in difflib.unified_diff(*pair, lineterm="", n=0))]
    return "\n".join(lines)


def _lines(thing: Any) -> list[str]:
    if isinstance(thing, str):
        return thing.split("\n")
    return [str(each) for each in thing] if isinstance(thing, list) else [str(thing)]
