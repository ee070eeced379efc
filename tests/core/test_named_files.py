from __future__ import annotations

import pytest

from core.plan import parse_plan_markdown


def named(text: str) -> tuple[str, ...]:
    return parse_plan_markdown(text, "p.md").files


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("- CREATE: `src/a.ts`\n- Updates `src/b/` and `src/c_*.sql`", ("src/a.ts", "src/b/", "src/c_*.sql")),
        ("- `src/a.ts` (CREATE, like `src/x.ts`)\n- src/b.py - as in src/y.py", ("src/a.ts", "src/b.py")),
        (
            "- [a](src/a.ts)\n- **`src/b.ts`**: note\n- `./src/c.ts:12-20`",
            ("src/a.ts", "src/b.ts", "src/c.ts"),
        ),
        (
            "- `@repo/logger`\n- `GET /api/x`\n- `/api/x/:id`\n- `{DIR}/a.ts`\n- `../a.ts`\n- `z.infer`",
            (),
        ),
        (
            "| Path | Note |\n|--|--|\n| `src/a.ts` | from `src/x.ts` |\n| `src/b.ts` | no changes |",
            ("src/a.ts",),
        ),
        ("- `src/a.ts`\n\n**Unchanged:**\n- `src/b.ts`\n\n**New:**\n- `src/c.ts`", ("src/a.ts", "src/c.ts")),
        (
            "```\napps/api/  # root\n  src/\n    a.ts  # new\n  b.ts\nc/d.json\n```",
            ("apps/api/src/a.ts", "apps/api/b.ts", "c/d.json"),
        ),
        ("```\nsrc\n├── lib\n│   └── a.ts\n└── Dockerfile\n```", ("src/lib/a.ts", "src/Dockerfile")),
        ("- `packages/a/src/a.ts`\n- `src/a.ts`", ("packages/a/src/a.ts",)),
    ],
)
def test_the_files_of_a_files_section(text: str, files: tuple[str, ...]) -> None:
    assert named(f"# P\n\n## Files To Touch\n\n{text}\n\n## Notes\n- `src/other.ts`\n") == files


@pytest.mark.parametrize(
    ("body", "files"),
    [
        ("**Files:** `src/a.ts`, `src/b.ts`", ("src/a.ts", "src/b.ts")),
        ("**Files to create:**\n\n- `src/a.ts`\n\n- `src/b.ts`\n\nSee `src/x.ts`.", ("src/a.ts", "src/b.ts")),
        ("- **Files**: src/a.ts, src/b.ts", ("src/a.ts", "src/b.ts")),
        ("#### Files\n- `src/a.ts`\n\n#### Notes\n- `x.y`", ("src/a.ts",)),
        ("**Files involved:**\n- CREATE: `src/a.ts`\n- MODIFY: `src/b.ts`", ("src/a.ts", "src/b.ts")),
        ("**Files to read:**\n- `src/a.ts`", ()),
        ("**Files**: All files touched", ()),
    ],
)
def test_the_files_of_a_step(body: str, files: tuple[str, ...]) -> None:
    assert parse_plan_markdown(f"# P\n### Step 1: a\n\n{body}\n", "p.md").steps[0].files == files


@pytest.mark.parametrize(
    ("section", "criteria"),
    [
        ("- [ ] AC 1: a\n  - [x] detail\n- [x] AC2: b", [("AC-1", "a", False), ("AC-2", "b", True)]),
        ("- [ ] **AC-3**: `c`\n- [ ] **AC-4: d**", [("AC-3", "`c`", False), ("AC-4", "d", False)]),
        ("- [ ] a\n- [X] b\n\ntext", [("AC-1", "a", False), ("AC-2", "b", True)]),
        ("1. `a` works (AC-4)\n2. b (AC-5)", [("AC-4", "`a` works", False), ("AC-5", "b", False)]),
        ("1. **AC-1**: a\n2. **AC-2** - b", [("AC-1", "a", False), ("AC-2", "b", False)]),
        (
            "| AC | Step | Deliverable |\n|--|--|--|\n| AC 1 | 2 | a |\n| AC 2-3 | 1 | b |",
            [("AC-1", "a", False), ("AC-2", "b", False), ("AC-3", "b", False)],
        ),
    ],
)
def test_the_forms_of_acceptance_criteria(section: str, criteria: list[tuple[str, str, bool]]) -> None:
    plan = parse_plan_markdown(
        f"# P\n## Acceptance Criteria\n{section}\n## Step 1: a\n- [ ] not one\n", "p.md"
    )
    assert [(c.id, c.text, c.done) for c in plan.acceptance_criteria] == criteria


def test_criteria_named_in_ranges_and_lists() -> None:
    plan = parse_plan_markdown("### Step 1: a (AC1-AC3, AC 5)\nCovers AC-7 through AC-8, AC-09\n", "p.md")
    assert plan.steps[0].criteria == ("AC-1", "AC-2", "AC-3", "AC-5", "AC-7", "AC-8", "AC-9")
