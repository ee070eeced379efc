"""What the engine asks before a tool has an effect that is a person's to allow (SPEC 5).

Each question shows exactly what would happen and carries its hash, in its id too: with other bytes it is
another question, and an approval of the one is none of the other (RELIABILITY 7).
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from hashlib import sha256
from itertools import groupby

from core.blobs import sha_of
from core.diff import diff_file, is_binary, unified
from core.domain import ALLOW, Act, ActKind, DecisionRequest, FileChange, Option, Sha
from core.planned_write import PlannedWrite
from core.tools.base import ToolContext

REFUSE = "2"
HERE = "."
MOST_NAMED = 3
LONGEST_NAME = 60

_TITLES: dict[ActKind, str] = {
    "migration": "destroy data ({})",
    "port": "change port {}",
    "dependency": "add dependency {}",
    "script": "change script {}",
    "ci": "change {}",
    "auth": "change {}",
}
_REASONS: dict[ActKind, str] = {
    "migration": "It destroys on its way up: {}. No undo brings the rows back.",
    "port": "Ports are never changed without a person: {}.",
    "dependency": "The plan and the decisions name no such dependency: {}.",
    "script": "An installation, a check or a test runs it without another question: {}.",
    "ci": "A CI service runs it elsewhere, with the keys that it has there. The plan does not name the file.",
    "auth": "It is about who may do what. The plan does not name the file.",
}


def write_question(
    planned: PlannedWrite, acts: tuple[Act, ...], rationale: str, context: ToolContext
) -> DecisionRequest:
    """One question for the whole write, whatever makes it one: its acts, a place beside the scope, both."""
    sha = write_sha(planned)
    adjacent = planned.judgement.verdict == "adjacent"
    beside = ", which the story does not name" if adjacent else ""
    reasons = [*_reasons(acts), *([f"{planned.judgement.reason}."] if adjacent else [])]
    return DecisionRequest(
        id=f"write:{context.call_id}:{sha[:16]}",
        title=f"{_title(acts, planned.path)}{beside}",
        context=f"{' '.join(reasons)} The worker says: {rationale or '(no rationale given)'}",
        options=(
            Option(id=ALLOW, label="Allow it", pros="the worker goes on", cons="it is more than was planned"),
            Option(id=REFUSE, label="Refuse", pros="nothing is written", cons="the worker has to do without"),
        ),
        raised_by="engine",
        recommendation=None if acts else REFUSE,
        tier_view=min((act.tier for act in acts), default=3),  # of 4 and 5, 4 is the more cautious
        risk="high" if acts else None,
        architectural=any(act.architectural for act in acts),
        reading="expansive",
        subject=_shown(planned),
        subject_sha=sha,
        acts=acts,
        blocks=context.open_steps or (),
    )


def delete_question(path: str, data: bytes, rationale: str, context: ToolContext) -> DecisionRequest:
    sha = _sha(path.encode(), data)
    return DecisionRequest(
        id=f"delete:{context.call_id}:{sha[:16]}",
        title=f"Delete {path}",
        context=rationale,
        options=(
            Option(id=ALLOW, label="Delete it", pros=rationale, cons="the file is gone from the work tree"),
            Option(id=REFUSE, label="Keep it", pros="nothing is lost", cons="the worker has to do without"),
        ),
        raised_by="engine",
        tier_view=4,
        risk="high",
        subject=f"delete {path} ({len(data)} bytes)\n{_text(data)}",
        subject_sha=sha,
        blocks=context.open_steps or (),
    )


def command_question(argv: tuple[str, ...], reason: str, context: ToolContext) -> DecisionRequest:
    shown = shlex.join(argv)
    return DecisionRequest(
        id=f"command:{context.call_id}",
        title=f"Run a command outside the templates: {shown}",
        context=reason or "The worker gave no reason.",
        options=(
            Option(id=ALLOW, label="Run it once", cons="it runs with your rights"),
            Option(id=REFUSE, label="Refuse", pros="nothing runs"),
        ),
        raised_by="engine",
        tier_view=4,
        risk="high",
        subject=shown,
        subject_sha=_sha("\0".join((*argv, HERE)).encode("utf-8", "surrogatepass")),
        blocks=context.open_steps or (),
    )


def write_sha(planned: PlannedWrite) -> Sha:
    """Names a write by its path and its bytes before and after; no file is not an empty one."""
    before = b"" if planned.before is None else sha_of(planned.before).encode()
    return _sha(planned.path.encode(), before, planned.after)


def _sha(*parts: bytes) -> Sha:
    """Of the parts one after the other, each with its length before it."""
    whole = sha256()
    for part in parts:
        whole.update(b"%d:" % len(part))
        whole.update(part)
    return whole.hexdigest()


def _shown(planned: PlannedWrite) -> str:
    """The whole of a new file, the whole diff of another; all bytes of what no diff can show."""
    size = f"({len(planned.after)} bytes)"
    if planned.before is None:
        return f"create {planned.path} {size}\n{_text(planned.after)}"
    if is_binary(planned.before) or is_binary(planned.after):
        return f"overwrite {planned.path} {size}\n{_text(planned.after)}"
    change = FileChange(
        path=planned.path, action="modify", before=sha_of(planned.before), after=sha_of(planned.after)
    )
    return unified([diff_file(change, planned.before, planned.after)])


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


def _title(acts: tuple[Act, ...], path: str) -> str:
    if not acts:
        return f"Write {path}"
    said = "; ".join(_TITLES[kind].format(_some(names)) for kind, names in _by_kind(acts))
    return f"{said[0].upper()}{said[1:]} in {path}"


def _some(names: list[str]) -> str:
    more = [f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
    return ", ".join([*names[:MOST_NAMED], *more])


def _reasons(acts: tuple[Act, ...]) -> Iterator[str]:
    for kind, names in _by_kind(acts):
        yield _REASONS[kind].format(", ".join(names))


def _by_kind(acts: tuple[Act, ...]) -> Iterator[tuple[ActKind, list[str]]]:
    for kind, group in groupby(acts, key=lambda act: act.kind):
        yield kind, [_short(act.what) for act in group]


def _short(name: str) -> str:
    """A name on one line. The whole of it stands in what is shown."""
    line = " ".join(name.split())
    return line if len(line) <= LONGEST_NAME else f"{line[: LONGEST_NAME - 1]}…"
