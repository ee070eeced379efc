"""A plan and a scope file for scripts (SPEC 13) and as pages for the terminal."""

from __future__ import annotations

from core.domain import Criterion, JsonObject, Plan, Scope
from core.page import Page


def plan_json(plan: Plan) -> JsonObject:
    return {
        "title": plan.title,
        "steps": [
            {
                "id": step.id,
                "title": step.title,
                "line": step.line,
                "objective": step.objective,
                "files": list(step.files),
                "verification": step.verification,
                "depends_on": list(step.depends_on),
            }
            for step in plan.steps
        ],
        "acceptance_criteria": criteria_json(plan.acceptance_criteria),
        "sections": [{"level": s.level, "title": s.title, "line": s.line} for s in plan.sections],
        "warnings": list(plan.warnings),
    }


def criteria_json(criteria: tuple[Criterion, ...]) -> list[JsonObject]:
    return [{"id": each.id, "text": each.text, "done": each.done} for each in criteria]


def scope_json(scope: Scope) -> JsonObject:
    return {
        "backend": scope.backend,
        "frontend": scope.frontend,
        "infra": scope.infra,
        "source": scope.source,
        "notes": scope.notes,
        "warnings": list(scope.warnings),
    }


def plan_page(plan: Plan) -> Page:
    page = Page()
    page.title(plan.title or plan.source)
    page.field("Steps", str(len(plan.steps)))
    for step in plan.steps:
        page.heading(f"{step.id}  {step.title}  (line {step.line})")
        page.field("Objective", step.objective if step.objective != step.title else None)
        page.items("Files", step.files)
        page.field("Verify", step.verification)
        page.field("Depends on", ", ".join(step.depends_on))
        page.field("Criteria", ", ".join(step.criteria))
    criteria_of(page, plan.acceptance_criteria)
    page.warnings(plan.warnings)
    return page


def criteria_of(page: Page, criteria: tuple[Criterion, ...]) -> None:
    if criteria:
        page.heading("Acceptance criteria")
    for each in criteria:
        page.field(each.id, f"[{'x' if each.done else ' '}] {each.text}")


def scope_page(scope: Scope, name: str) -> Page:
    page = Page()
    page.title(name)
    for surface, said in flags(scope):
        page.field(surface, {True: "yes", False: "no", None: "the file does not say"}[said])
    page.field("Read from", scope.source)
    page.field("Notes", scope.notes)
    page.warnings(scope.warnings)
    return page


def flags(scope: Scope) -> tuple[tuple[str, bool | None], ...]:
    return (("Backend", scope.backend), ("Frontend", scope.frontend), ("Infra", scope.infra))
