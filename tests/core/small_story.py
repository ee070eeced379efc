"""A small real workspace with a story, and a run over it with scripted replies.

Used by the engine's tests: everything goes through `core.session`, as a real run does.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from core.commands import Command
from core.events import Event, Record, RunFinished
from core.journal import read
from core.session import Run, RunOptions, resume, start

STORY = "DEMO-001"
FEATURE = Path("plans/features/demo")
STORY_FOLDER = FEATURE / "in-progress" / STORY
IMPLEMENTATION = STORY_FOLDER / "_implementation"
SERVICE = "apps/api/services/items/service.py"

PLAN = """# Implementation Plan

## Acceptance Criteria Checklist
- [ ] AC-1: items can be counted

## Step-by-Step Plan

### Step 1: Count items
**Objective**: a typed counter (AC-1)
**Files**: `apps/api/services/items/service.py`
**Verification**: mypy passes

### Step 2: Name items
**Objective**: a typed name
**Files**: `apps/api/services/items/names.py`
"""
FILES = {
    "pyproject.toml": '[tool.mypy]\nstrict = true\nfiles = ["apps"]\n',
    SERVICE: '"""Items."""\n\nTOTAL: int = 0\n',
    f"{STORY_FOLDER}/{STORY}.md": "---\ntitle: Count items\nautonomy_level: moderate\n---\n# Count items\n",
    f"{IMPLEMENTATION}/IMPLEMENTATION-PLAN.md": PLAN,
    f"{IMPLEMENTATION}/SCOPE.md": "backend: true\nfrontend: false\ninfra: false\n",
}

QUICK_CHECK = {".signoff/config.yaml": 'checks:\n  commands: [["true"]]\n'}


def make_workspace(folder: Path, extra: dict[str, str] | None = None) -> Path:
    root = folder / "workspace"
    (root / ".git").mkdir(parents=True)
    for name, text in {**FILES, **(extra or {})}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def quick_workspace(folder: Path, extra: dict[str, str] | None = None) -> Path:
    """With a check that passes at once: for what is not about the check."""
    return make_workspace(folder, {**QUICK_CHECK, **(extra or {})})


def open_chunk(name: str = "count", steps: Iterable[str] = ("1",)) -> dict[str, Any]:
    return {
        "open_chunk": {"name": name, "objective": "count items", "steps": list(steps), "criteria": ["AC-1"]}
    }


def write(path: str, content: str, **more: str) -> dict[str, Any]:
    return {"write_file": {"path": path, "content": content, **more}}


def edit(old: str, new: str, path: str = SERVICE) -> dict[str, Any]:
    return {"edit_file": {"path": path, "old": old, "new": new}}


def close_chunk(summary: str = "counted", **more: Any) -> dict[str, Any]:
    return {"close_chunk": {"summary": summary, "reused": ["TOTAL"], **more}}


def raise_decision(title: str = "Which name?", **more: Any) -> dict[str, Any]:
    given = {
        "title": title,
        "context": "The plan does not say.",
        "options": [{"label": "Short", "pros": "brief"}, {"label": "Long", "cons": "wordy"}],
        "recommendation": 1,
        "confidence": 0.9,
        "tier": 1,
        "risk": "low",
    }
    return {"raise_decision": {**given, **more}}


def complete(left: Iterable[tuple[str, str]] = (("2", "not backend"),)) -> dict[str, Any]:
    return {"complete": {"summary": "all done", "steps_left_open": [{"step": s, "why": w} for s, w in left]}}


def reply(*calls: dict[str, Any], say: str = "", **more: Any) -> dict[str, Any]:
    return {"say": say or "working", "calls": list(calls), **more}


def script_file(folder: Path, *groups: list[dict[str, Any]], otherwise: dict[str, Any] | None = None) -> Path:
    raw: dict[str, Any] = {"schema": 1, "chunks": [{"replies": replies} for replies in groups]}
    if otherwise:
        raw["otherwise"] = otherwise
    path = folder / "script.yaml"
    path.write_text(yaml.safe_dump(raw), "utf-8")
    return path


def options(script: Path, **changes: Any) -> RunOptions:
    plain = RunOptions(environ=dict(os.environ), model=f"scripted:{script}", attended=False, trusted=True)
    return replace(plain, **changes)


def start_run(root: Path, script: Path, **changes: Any) -> Run:
    return start(root / FEATURE, STORY, options(script, **changes))


def resume_run(root: Path, script: Path, reference: str, **changes: Any) -> Run:
    return resume(reference, options(script, **changes), root)


def drive(run: Run) -> RunFinished:
    return asyncio.run(run.drive())


async def drive_attended(run: Run, answer: Callable[[Run], Command | None]) -> RunFinished:
    """Drives a run with a person: `answer` is asked whenever the run waits, until it gives None."""
    watcher = run.watch()
    driving = asyncio.ensure_future(run.drive())
    answered: set[str] = set()
    try:
        async for item in watcher:
            # The request is in the journal just before it waits in the inbox.
            await asyncio.sleep(0)
            waiting = [p.request_id for p in run.state.pending if p.request_id not in answered]
            if isinstance(item, Record) and waiting:
                answered.add(waiting[0])
                command = answer(run)
                if command is not None:
                    run.submit(command)
        return await driving
    finally:
        driving.cancel()


def events(run: Run) -> list[Event]:
    return [record.event for record in read(run.folder)[1]]


def written(root: Path, name: str) -> str:
    return (root / IMPLEMENTATION / name).read_text("utf-8")
