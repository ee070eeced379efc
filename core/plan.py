"""IMPLEMENTATION-PLAN.md or PLAN.yaml, read into ordered steps (SPEC 2, 12)."""

from __future__ import annotations

from pathlib import Path

from core.criteria import read_criteria
from core.domain import Plan, Section
from core.markdown import Document, read_markdown
from core.named_files import writable
from core.plan_fields import files_of_sections, files_of_step, read_step
from core.plan_steps import find_steps
from core.plan_yaml import parse_plan_yaml
from core.story import InputFault, read_text, shown_path
from core.yaml_file import YamlFault, expect_mapping, parse_yaml

__all__ = ["parse_plan_markdown", "parse_plan_yaml", "read_plan"]

MARKDOWN, YAML = "IMPLEMENTATION-PLAN.md", "PLAN.yaml"


def read_plan(implementation_dir: Path, root: Path) -> Plan:
    """The plan in a story's `_implementation/`. InputFault when there is none, when it can't be read
    and when it has no steps: then there is nothing to run."""
    for name, parse in ((MARKDOWN, parse_plan_markdown), (YAML, parse_plan_yaml)):
        path = implementation_dir / name
        if not path.exists() and not path.is_symlink():
            continue
        plan = parse(read_text(path, root), shown_path(path, root))
        if not plan.steps:
            raise _no_steps(plan)
        return plan
    first, second = (shown_path(implementation_dir / name, root) for name in (MARKDOWN, YAML))
    raise InputFault(f"no plan: expected {first} or {second}")


def _no_steps(plan: Plan) -> InputFault:
    if plan.source.endswith(YAML):
        trouble = plan.warnings[0] if plan.warnings else f"{plan.source}: no steps"
        return InputFault(f"{trouble}; expected `steps:` with a list of {{id, description}}")
    return InputFault(f"{plan.source}: no steps; expected headings such as `### Step 1: title`")


def parse_plan_markdown(text: str, source: str) -> Plan:
    """The plan in a text, whatever its form. A plan without steps has a warning. `source` names the file."""
    document = read_markdown(text)
    places, trouble = find_steps(document)
    known = frozenset(place.id for place in places)
    steps = tuple(read_step(document, place, known) for place in places)
    files = list(files_of_sections(document))
    for place, step in zip(places, steps, strict=True):
        files += files_of_step(document, place, step)
    if not steps:
        trouble = ["no steps found"]
    return Plan(
        source=source,
        text=text,
        title=_title(document, source),
        steps=steps,
        acceptance_criteria=read_criteria(document),
        sections=tuple(Section(level=h.level, title=h.title, line=h.line) for h in document.headings),
        files=writable(files),
        warnings=tuple(f"{source}: {w}" for w in (*document.warnings, *trouble)),
    )


def _title(document: Document, source: str) -> str | None:
    """The first H1, else the front matter's title, else the first heading."""
    if heading := next((h.title for h in document.headings if h.level == 1), None):
        return heading
    try:
        front = expect_mapping(parse_yaml(document.front_matter or "", source), source)
    except YamlFault:
        front = {}
    given = front.get("title")
    return str(given) if given else next((h.title for h in document.headings), None)
