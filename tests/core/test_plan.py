from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain import Criterion, Plan
from core.plan import parse_plan_markdown, parse_plan_yaml, read_plan
from core.story import InputFault

PHASED = """---
title: ignored, the heading wins
# not a heading: 1
---
# Implementation Plan: Reading List

## Acceptance Criteria Checklist

### AC-1: Add a book
- [x] returns 201
- [x] returns 400 for an empty title

### AC-2: List the books
- [x] paginated
- [ ] sorted

## Files To Touch (Expected)

### Service (MODIFY)
| File | Action |
|------|--------|
| `apps/api/books/src/add-book.ts` | CREATE |
| `apps/api/books/src/[id].ts` | CREATE - one book |

### Existing Files (No Changes)
- `apps/api/books/src/db.ts` - already there

## Reuse Targets
| `packages/core/logger/src/index.ts` | logging |

## Step-by-Step Plan

### Phase 1: Core

#### Step 1: Schemas
**Objective**: Define the schemas for AC-1
- title
- author

**Files**:
- `apps/api/books/src/schemas.ts` (CREATE)

**Add**:
```typescript
// ### Step 99: not a step
import { z } from './zod.ts'
```

**Verification**: `pnpm check-types --filter=@repo/books`

---

#### Step 2: Service, following a pattern
**Files**: None (only `apps/api/books/src/none.ts` is read)
**Pattern**: Follow `apps/api/games/src/add-game.ts` exactly
- also in `apps/api/games/src/list-games.ts`

**Depends on**: Step 1, STORY-2

Also adds the route to `apps/api/routes.ts`.

### Phase 2: Contract

#### Step 3: Requests
- Files: `__http__/books.http`, `__http__/new.http`
- Verification:
  - run each request
  - all pass
- Depends on: 1-2

```http
### getBook - GET one (200)
### 4. GET /books
```

## Test Plan

### Step 1: run the tests
### Step 2: look at the screen

## Key Design Decisions

### 1. Transaction Strategy
"""


@pytest.fixture(scope="module")
def phased() -> Plan:
    return parse_plan_markdown(PHASED, "IMPLEMENTATION-PLAN.md")


def test_steps_inside_phases_are_found_and_other_numbered_headings_are_not(phased: Plan) -> None:
    assert [(s.id, s.title) for s in phased.steps] == [
        ("1", "Schemas"),
        ("2", "Service, following a pattern"),
        ("3", "Requests"),
    ]
    assert PHASED.split("\n")[phased.steps[1].line - 1].startswith("#### Step 2")
    assert phased.title == "Implementation Plan: Reading List"
    assert phased.warnings == ()
    assert phased.text == PHASED


def test_the_fields_of_a_step(phased: Plan) -> None:
    first, second, third = phased.steps
    assert first.objective == "Define the schemas for AC-1\n- title\n- author"
    assert first.files == ("apps/api/books/src/schemas.ts",)
    assert first.verification == "`pnpm check-types --filter=@repo/books`"
    assert first.criteria == ("AC-1",)
    assert (second.files, second.depends_on, second.verification) == ((), ("1",), None)
    assert third.files == ("__http__/books.http", "__http__/new.http")
    assert third.verification == "- run each request\n- all pass"
    assert third.depends_on == ("1", "2")


def test_the_plan_names_what_may_be_written_and_no_pattern_or_unchanged_file(phased: Plan) -> None:
    assert phased.files == (
        "apps/api/books/src/add-book.ts",
        "apps/api/books/src/[id].ts",
        "apps/api/books/src/schemas.ts",
        "apps/api/routes.ts",
        "__http__/books.http",
        "__http__/new.http",
    )


def test_criteria_under_headings_are_done_when_all_their_boxes_are(phased: Plan) -> None:
    assert phased.acceptance_criteria == (
        Criterion(id="AC-1", text="Add a book", done=True),
        Criterion(id="AC-2", text="List the books"),
    )


def test_sections_are_the_headings_outside_of_fences(phased: Plan) -> None:
    titles = [s.title for s in phased.sections]
    assert "Step 1: Schemas" in titles and "Phase 2: Contract" in titles
    assert not [t for t in titles if "GET" in t or "99" in t or "not a heading" in t]
    assert all(PHASED.split("\n")[s.line - 1] == f"{'#' * s.level} {s.title}" for s in phased.sections)


def ids(text: str) -> list[str]:
    return [step.id for step in parse_plan_markdown(text, "p.md").steps]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# P\n## Step 1: a\n## Step 2 - b\n## Step 3\n", ["1", "2", "3"]),
        ("## Chunks\n### Chunk 1: a\n### Chunk 2 — b\n", ["1", "2"]),
        ("## Plan\n**Step 1**: a\ntext\n**Step 2: b**\n- [ ] **Step 3** — c\n", ["1", "2", "3"]),
        ("## Phase 1\n### 1.1 a\n### 1.2 b\n## Phase 2\n### 2.1 c\n", ["1.1", "1.2", "2.1"]),
        ("# P\n### A1: a\n### A2. b\n### D3 c\n", ["A1", "A2", "D3"]),
        ("# P\n## Steps\n- **A1**: a\n- **A2**: b\n", ["A1", "A2"]),
        ("# P\n## Work\n| ID | What |\n|--|--|\n| A1 | a |\n| B1 | b |\n", ["A1", "B1"]),
        ("# P\n## Implementation Steps\n### 1. a\n### 2) b\n## Key Design Decisions\n### 1. c\n", ["1", "2"]),
        (
            "# P\n## 1. Overview\n## 2. Implementation Steps\n1. a\n   - x\n2. b\n## 3. Risks\n1. c\n",
            ["1", "2"],
        ),
        ("# P\n## Phase 1: a\n## Phase 2: b\n", ["1", "2"]),
        ("# P\n### ✅ **Step 1: a**\n### Step 1a: b\n### Step 2 (optional): c\n", ["1", "1a", "2"]),
        ("# P\n### Step 1: a\n#### Step 1.1: part\n### Step 2: b\n", ["1", "2"]),
        ("# P\n## Chunk 1\n### Step 1: a\n### Step 2: b\n", ["1", "2"]),
        (
            "# P\n## Backend\n### Step 1: a\n## Testing\n### Step 2: b\n## Rollback\n### Step 1: c\n",
            ["1", "2"],
        ),
        ("# P\n~~~\n### Step 1: a\n```\n~~~\n<!--\n### Step 2: b\n-->\n### Step 3: c\n", ["3"]),
        ("# P\n### Step 1: a\n```ts\nnever closed\n### Step 2: b\n", ["1", "2"]),
        ("# P\r\n### Step 1: a\r\n\r\n### Step 2: b\r\n", ["1", "2"]),
        ("# P\n## Steps to reproduce\nnothing\n### S3 upload\n", []),
        ("", []),
    ],
)
def test_the_forms_that_people_write(text: str, found: list[str]) -> None:
    assert ids(text) == found


def test_phases_that_each_count_from_one_give_ids_of_their_own() -> None:
    plan = parse_plan_markdown(
        "## Phase 1\n### Step 1: a\n### Step 2: b\n## Phase 2\n### Step 1: c\n### Step 3: d\n", "p.md"
    )
    assert [s.id for s in plan.steps] == ["1.1", "2", "2.1", "3"]
    assert plan.warnings == ("p.md: steps with the same id: 1; they were given ids of their own",)


SOME_LINES = (
    *("# a", "## Step 1: b", "### 1.1 c", "## Files", "## Acceptance Criteria", "**Files**:", "**Step 2**"),
    *("```", "~~~x", "<!--", "-->", "---", "| a | b |", "- `a/b.ts`", "- [ ] AC-1: x", "Depends on: 1", ""),
    *("steps:", "- id: 1", "x"),
)


@given(st.lists(st.sampled_from(SOME_LINES) | st.text(max_size=12), max_size=25))
@settings(max_examples=200)
def test_any_text_is_kept_and_its_lines_are_right(lines: list[str]) -> None:
    text = "\n".join(lines)
    plan = parse_plan_markdown(text, "p.md")
    rows = text.split("\n")
    assert plan.text == text
    assert all(rows[s.line - 1].lstrip("\ufeff ").startswith("#") for s in plan.sections)
    assert len({s.id for s in plan.steps}) == len(plan.steps)
    assert parse_plan_yaml(text, "p.yaml").text == text


# --- files ------------------------------------------------------------------------------


def test_markdown_comes_before_yaml_and_the_source_is_named(tmp_path: Path) -> None:
    (tmp_path / "PLAN.yaml").write_text("steps: [do a]\n")
    assert read_plan(tmp_path, tmp_path).source == "PLAN.yaml"
    (tmp_path / "IMPLEMENTATION-PLAN.md").write_bytes(PHASED.replace("\n", "\r\n").encode())
    plan = read_plan(tmp_path, tmp_path)
    assert plan.source == "IMPLEMENTATION-PLAN.md" and len(plan.steps) == 3
    assert plan.text.count("\r\n") == PHASED.count("\n")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (None, b"", r"no plan: expected i/IMPLEMENTATION-PLAN\.md or i/PLAN\.yaml"),
        (
            "IMPLEMENTATION-PLAN.md",
            b"# Nothing here\n",
            r"i/IMPLEMENTATION-PLAN\.md: no steps; expected headings such",
        ),
        ("IMPLEMENTATION-PLAN.md", b"a\n\xff\n", r"i/IMPLEMENTATION-PLAN\.md:2: expected UTF-8 text"),
        ("PLAN.yaml", b"steps:\n- id: 1\n- id: [\n", r"i/PLAN\.yaml:4: .*; expected `steps:` with a list"),
        ("PLAN.yaml", b"title: x\n", r"i/PLAN\.yaml: no steps found; expected `steps:`"),
    ],
)
def test_a_plan_with_nothing_to_run_is_a_fault_that_names_it(
    tmp_path: Path, name: str | None, content: bytes, message: str
) -> None:
    folder = tmp_path / "i"
    folder.mkdir()
    if name:
        (folder / name).write_bytes(content)
    with pytest.raises(InputFault, match=message) as caught:
        read_plan(folder, tmp_path)
    assert "\n" not in str(caught.value)


def test_a_plan_that_links_out_of_the_workspace_is_refused(tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    (tmp_path / "plan.md").write_text(PHASED)
    (tmp_path / "w/IMPLEMENTATION-PLAN.md").symlink_to(tmp_path / "plan.md")
    with pytest.raises(InputFault, match="leads out of the workspace"):
        read_plan(tmp_path / "w", tmp_path / "w")


def test_a_property_in_a_list_is_no_label_where_labels_are_bold() -> None:
    text = (
        "# P\n\n## Step 1: Validate\n**Objective**: The rules:\n- title: at most 100\n- description: any\n"
        "- files: none\n**Files**: `a/b.ts`\n"
    )
    (step,) = parse_plan_markdown(text, "P.md").steps
    assert step.objective == "The rules:\n- title: at most 100\n- description: any\n- files: none"
    assert step.files == ("a/b.ts",)
