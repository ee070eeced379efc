"""A story with all that is found of it: plan, scope, log, decisions, blockers."""

from __future__ import annotations

from pathlib import Path

from core.checkout import InputFault, find_workspace
from core.domain import JsonObject, Plan, Scope, SettledDecision, Story, value
from core.logs.architectural import FILE as DECISIONS
from core.logs.architectural import read_settled
from core.logs.backend_log_reader import BackendLogRead, read_log
from core.logs.blockers import FILE as BLOCKERS
from core.logs.blockers_reader import BlockersRead, read_blockers
from core.page import Page
from core.plan import read_plan
from core.scope import read_scope
from core.show_pages import criteria_json, criteria_of, flags, scope_json
from core.source_file import read_source
from core.story import find_story, shown_path

LOGS, TOKEN_LOG = "*-LOG.md", "TOKEN-LOG.md"


@value
class StoryFound:
    """`raw` is the story's own file. What is not there is None; `decisions` are those settled so far."""

    story: Story
    raw: bytes
    plan: Plan | None
    scope: Scope
    log_file: str
    log: BackendLogRead | None
    decisions: tuple[SettledDecision, ...] | None
    blockers: BlockersRead | None
    warnings: tuple[str, ...]

    def to_json(self) -> JsonObject:
        story = self.story
        return {
            "id": story.id,
            "title": story.title,
            "folder": story.folder,
            "stage": story.stage,
            "autonomy_level": story.autonomy_level,
            "acceptance_criteria": criteria_json(story.acceptance_criteria),
            "plan": _plan_json(self.plan),
            "scope": None if self.scope.source == "absent" else scope_json(self.scope),
            "log": _log_json(self.log_file, self.log),
            "decisions": None
            if self.decisions is None
            else [_decision_json(each) for each in self.decisions],
            "blockers": _blockers_json(self.blockers),
            "warnings": list(self.warnings),
        }


def look_at_story(feature_dir: Path, story_id: str, stage: str | None) -> StoryFound:
    """InputFault when the story can't be found or read; of its other files a fault is a warning."""
    root = _root(feature_dir)
    story = find_story(feature_dir, story_id, stage, root)
    folder = root / story.folder / "_implementation"
    warnings = list(story.warnings)

    plan = None
    try:
        plan = read_plan(folder, root)
        warnings += plan.warnings
    except InputFault as fault:
        warnings.append(str(fault))
    scope = Scope()
    try:
        scope = read_scope(folder, root)
        warnings += scope.warnings
    except InputFault as fault:
        warnings.append(str(fault))
    log_path = next((p for p in sorted(folder.glob(LOGS)) if p.name != TOKEN_LOG), None)
    log_data = _bytes(log_path, root, warnings)
    decided = _bytes(folder / DECISIONS, root, warnings)
    blockers = _bytes(folder / BLOCKERS, root, warnings)
    decisions: tuple[SettledDecision, ...] | None = None
    if decided is not None:
        decisions, unread = read_settled(decided.decode("utf-8-sig", "replace"), DECISIONS)
        warnings += unread
    return StoryFound(
        story=story,
        raw=_story_file(root / story.folder, story_id).read_bytes(),
        plan=plan,
        scope=scope,
        log_file=log_path.name if log_path else "",
        log=None if log_data is None else read_log(log_data),
        decisions=decisions,
        blockers=None if blockers is None else read_blockers(blockers),
        warnings=tuple(warnings),
    )


def _root(feature_dir: Path) -> Path:
    """The workspace; a story outside of any git checkout is looked at all the same."""
    start = feature_dir if feature_dir.is_dir() else Path.cwd()
    try:
        return find_workspace(start)
    except InputFault:
        return start.resolve()


def _story_file(folder: Path, story_id: str) -> Path:
    name = f"{story_id}.md".casefold()
    return next(place for place in sorted(folder.iterdir()) if place.name.casefold() == name)


def _bytes(path: Path | None, root: Path, warnings: list[str]) -> bytes | None:
    """A file that may be missing. One that leads out of the workspace, or can't be read, is a warning."""
    if path is None or not (path.exists() or path.is_symlink()):
        return None
    try:
        if not path.resolve().is_relative_to(root):
            raise InputFault(f"{shown_path(path, root)}: leads out of the workspace")
        return read_source(str(path)).data
    except InputFault as fault:
        warnings.append(str(fault))
        return None


# --- for scripts ------------------------------------------------------------------------


def _plan_json(plan: Plan | None) -> JsonObject | None:
    if plan is None:
        return None
    steps = [{"id": step.id, "title": step.title} for step in plan.steps]
    return {"file": plan.source, "title": plan.title, "steps": steps}


def _log_json(file: str, log: BackendLogRead | None) -> JsonObject | None:
    if log is None:
        return None
    chunks = [{"number": chunk.number, "name": chunk.name} for chunk in log.chunks]
    return {"file": file, "chunks": chunks, "files": list(log.files), "signal": log.signal}


def _decision_json(decision: SettledDecision) -> JsonObject:
    return {
        "id": decision.id,
        "question": decision.question,
        "decision": decision.decision,
        "rationale": decision.rationale,
    }


def _blockers_json(read: BlockersRead | None) -> JsonObject | None:
    if read is None:
        return None
    rows = [{"title": b.title, "line": b.line, "resolved": b.resolved} for b in read.blockers]
    return {"blocked": read.blocked, "blockers": rows}


# --- for people -------------------------------------------------------------------------


def story_page(found: StoryFound) -> Page:
    story, page = found.story, Page()
    page.title(f"{story.id}  {story.title}")
    page.field("Folder", story.folder)
    page.field("Stage", story.stage)
    page.field("Autonomy", story.autonomy_level)
    page.field(
        "Plan",
        f"{len(found.plan.steps)} steps ({found.plan.source})" if found.plan else "none that can be read",
    )
    said = ", ".join(
        f"{name.casefold()} {'yes' if flag else 'no'}"
        for name, flag in flags(found.scope)
        if flag is not None
    )
    page.field("Scope", said or found.scope.source)
    page.field("Log", _log_words(found))
    page.field("Blocked", _blocked_words(found.blockers))
    for decision in found.decisions or ():
        page.field(decision.id, f"{decision.question}: {decision.decision}")
    criteria_of(page, story.acceptance_criteria)
    page.warnings(found.warnings)
    return page


def _log_words(found: StoryFound) -> str:
    if found.log is None:
        return "none yet"
    return f"{len(found.log.chunks)} chunks, {found.log.signal or 'no signal'} ({found.log_file})"


def _blocked_words(read: BlockersRead | None) -> str:
    if read is None or not read.blocked:
        return "no"
    return "yes: " + "; ".join(blocker.title for blocker in read.open)
