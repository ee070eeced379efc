from __future__ import annotations

import pytest

from core.domain import Criterion
from core.plan import parse_plan_yaml

YAML = """schema: 1
story_id: READ-7

steps:
  - id: 1
    description: "Add the schemas for AC-1"
    files:
      - "src/schemas.ts"
    files_to_read: ["src/read.ts"]
    dependencies: []
    acs_covered: [AC-2]
  - id: 1.10
    title: Service
    description: "Write it"
    files: [{path: src/service.ts, action: create}, {path: src/old.ts, action: read}]
    dependencies: [1, 9]
    verification: make types

files_to_change:
  - path: "src/index.ts"
    action: modify
acceptance_criteria_map:
  - ac_id: "AC-1"
    planned_evidence: "a test"
"""


def test_a_yaml_plan() -> None:
    plan = parse_plan_yaml(YAML, "PLAN.yaml")
    first, second = plan.steps
    assert (first.id, first.title, first.line) == ("1", "Add the schemas for AC-1", 5)
    assert (first.files, first.criteria, first.depends_on) == (("src/schemas.ts",), ("AC-1", "AC-2"), ())
    assert (second.id, second.title, second.objective, second.line) == ("1.10", "Service", "Write it", 12)
    assert (second.files, second.depends_on, second.verification) == (
        ("src/service.ts",),
        ("1",),
        "make types",
    )
    assert plan.files == ("src/schemas.ts", "src/service.ts", "src/index.ts")
    assert plan.acceptance_criteria == (Criterion(id="AC-1", text="a test"),)
    assert [(s.title, s.line) for s in plan.sections][:3] == [("schema", 1), ("story_id", 2), ("steps", 4)]
    assert (plan.title, plan.warnings) == ("READ-7", ())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("steps: [do a, do b]", ["1", "2"]),
        ("steps: {A1: do a, A2: {title: b}}", ["A1", "A2"]),
        ("phases:\n- name: x\n  steps: [{id: a1}]\n- steps: [{id: b1}, {id: b1}]", ["a1", "b1", "b1-3"]),
        ("steps:", []),
        ("- 1", []),
        ("steps: [}", []),
    ],
)
def test_other_forms_of_yaml_plans(text: str, found: list[str]) -> None:
    plan = parse_plan_yaml(text, "PLAN.yaml")
    assert [s.id for s in plan.steps] == found
    assert bool(plan.warnings) is not bool(found)
    assert plan.text == text
