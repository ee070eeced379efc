"""What an undo would do, in lines: the files that go back, the choices for those edited since. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from core.domain import FileChange
from core.run_state import RunState
from tui.line import Line
from tui.marks import OPEN, WARN, Mark
from tui.safe_text import Part, row

if TYPE_CHECKING:
    from core.undo_plan import Conflict, UndoChoice, UndoPlan

CONFIRM = "confirm"
CHOSEN = Mark("●", "$text-primary")
CHOICES: Final[dict[UndoChoice, str]] = {
    "keep": "keep it as it is now",
    "merge": "take the chunk's change out, keep the edits",
    "back": "put it back as before the chunk, without the edits",
}


def undoable(state: RunState) -> int:
    """The last approved chunk; 0 where it can't be undone now: there is none, the run has ended, or a chunk
    after it has changes, which are to be reverted first."""
    if state.outcome is not None or not state.approved_chunks:
        return 0
    current = state.chunk
    settled = ("preparing", "approved", "reverted", "undone")
    in_the_way = current is not None and current.status not in settled
    if current is not None and in_the_way and (current.status != "open" or current.changes):
        return 0
    return state.approved_chunks[-1].number


def choice_key(conflict: int, choice: UndoChoice) -> str:
    """The row that settles the nth conflict of the plan, from 0, by `choice`."""
    return f"settle:{conflict}:{choice}"


def unsettled(plan: UndoPlan, chosen: Mapping[str, UndoChoice]) -> int:
    """How many conflicts nobody has settled yet. `chosen` is by path."""
    return sum(conflict.path not in chosen for conflict in plan.conflicts)


def undo_lines(plan: UndoPlan, steps: tuple[str, ...], chosen: Mapping[str, UndoChoice]) -> Iterator[Line]:
    """`steps` are the ids of those that are open again afterwards. Once every conflict is settled there is a
    last line, which confirms."""
    yield Line(row((plan.name, "bold")))
    yield Line(row((_afterwards(steps), "$text-muted")))
    yield Line(row(""))
    yield Line(row((_heading(plan), "bold")))
    for file in plan.files:
        yield Line(row("  ", file.change.path, *change_parts(file.change)), hang=4)
    for number, conflict in enumerate(plan.conflicts):
        yield Line(row(""))
        yield from _conflict_lines(number, conflict, chosen.get(conflict.path))
    if not unsettled(plan, chosen):
        yield Line(row(""))
        yield Line(row((" y  ", "$text-warning bold"), (f"Undo chunk {plan.chunk}", "bold")), key=CONFIRM)


def _afterwards(steps: tuple[str, ...]) -> str:
    if not steps:
        return "The worker is told."
    again = f"step {steps[0]} is" if len(steps) == 1 else f"steps {', '.join(steps)} are"
    return f"The worker is told, and {again} open again."


def _heading(plan: UndoPlan) -> str:
    if plan.files:
        goes = "goes" if len(plan.files) == 1 else "go"
        return f"{files_words(len(plan.files))} {goes} back to what was there before it:"
    if plan.conflicts:
        return "No file goes back without an answer of yours:"
    return "Every file is back to what was there before it already."


def files_words(count: int) -> str:
    return f"{count} file{'s' * (count != 1)}"


def change_parts(change: FileChange) -> Iterator[Part]:
    """What becomes of a file, from what is there now to what will be there."""
    if change.action != "modify":
        yield (f"  {'made again' if change.action == 'create' else 'deleted'}", "$text-muted")
    elif change.before == change.after:
        yield (f"  mode {change.mode_before or 0:o} becomes {change.mode_after or 0:o}", "$text-muted")
    elif not (change.added or change.removed):
        yield ("  binary", "$text-muted")
    if change.added or change.removed:
        yield (f"  +{change.added}", "$text-success")
        yield (f" -{change.removed}", "$text-error")


def _conflict_lines(number: int, conflict: Conflict, chosen: UndoChoice | None) -> Iterator[Line]:
    yield Line(
        row((f"{WARN.sign} ", WARN.style), (conflict.path, "bold"), (f" {conflict.why}", WARN.style)), hang=2
    )
    done = {"merge": conflict.merged, "back": conflict.back}
    for choice in conflict.choices:
        mark = CHOSEN if choice == chosen else OPEN
        file = done.get(choice)
        counts = () if file is None else change_parts(file.change)
        text = (CHOICES[choice], "bold" if choice == chosen else "")
        yield Line(
            row("  ", (f"{mark.sign} ", mark.style), text, *counts), key=choice_key(number, choice), hang=4
        )
    if conflict.back is not None and not conflict.merges:
        numbers = ", ".join(map(str, conflict.lines))
        at = f": {'line' if len(conflict.lines) == 1 else 'lines'} {numbers}" if numbers else ""
        yield Line(row((f"    It does not merge{at}.", "$text-muted")), hang=4)
