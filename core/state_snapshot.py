"""A folded state as bytes, and back: what a seek into a long journal starts from.

JSON, read as strictly as a record: a run's folder may come from anybody. What many snapshots share (the plan,
full blocks of chunks and decisions) is kept once, by the store that is given along.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from core.domain import Plan, Story, WorkerProfile, value
from core.history import History
from core.kept_blocks import EXACT, BlockStore
from core.recording import Mark
from core.run_state import RunState, StepState, StepStatus, changed

if TYPE_CHECKING:
    from pydantic import TypeAdapter


class SnapshotStore(BlockStore, Protocol):
    def keep_part(self, part: object, adapter: TypeAdapter[Any]) -> int | None:
        """The key of a value that many snapshots share; None for None."""
        ...

    def part(self, key: int | None, adapter: TypeAdapter[Any]) -> Any:
        """The same object each time."""
        ...


@value
class Snapshot:
    """`state` is without what the other fields hold. A step is one of the plan's, which all come in order."""

    state: RunState
    marks: History[Mark]
    story: int | None
    plan: int | None
    worker: int | None
    steps: tuple[tuple[StepStatus, History[int]], ...]


def dump_snapshot(state: RunState, marks: History[Mark], store: SnapshotStore) -> bytes:
    snapshot = Snapshot(
        state=changed(state, story=None, plan=None, worker=None, steps=()),
        marks=marks,
        story=store.keep_part(state.story, _adapter(Story)),
        plan=store.keep_part(state.plan, _adapter(Plan)),
        worker=store.keep_part(state.worker, _adapter(WorkerProfile)),
        steps=tuple((step.status, step.chunks) for step in state.steps),
    )
    return _adapter(Snapshot).dump_json((snapshot,), context=store)


def load_snapshot(data: bytes, store: SnapshotStore) -> tuple[RunState, History[Mark]]:
    """Raises ValueError where it is not what `dump_snapshot` gave."""
    found: Snapshot = _adapter(Snapshot).validate_json(data, context=store)[0]
    plan: Plan | None = store.part(found.plan, _adapter(Plan))
    planned = plan.steps if plan is not None else ()
    steps = tuple(
        StepState(step=step, status=status, chunks=chunks)
        for step, (status, chunks) in zip(planned, found.steps, strict=True)
    )
    state = changed(
        found.state,
        story=store.part(found.story, _adapter(Story)),
        plan=plan,
        worker=store.part(found.worker, _adapter(WorkerProfile)),
        steps=steps,
    )
    return state, found.marks


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    """Of a tuple with one: a dataclass by itself takes no configuration."""
    from pydantic import TypeAdapter

    return TypeAdapter(tuple[kind], config=EXACT)  # type: ignore[valid-type]
