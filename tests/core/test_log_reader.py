"""What is read of a log, in the forms that people write (SPEC 12, 13)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.logs.backend_log_reader import read_log

PIECES = (
    "# X-1 Log\n",
    "## Chunk 1 — a\n",
    "## Chunk 7-9: b\n",
    "**Objective**: x\n",
    "- **Files changed:**\n",
    "  - `src/a.ts` (CREATE)\n",
    "### Files created\n",
    "| File | Action |\n|--|--|\n| `src/b.ts` | new |\n",
    "- Reused: None\n",
    "**Commands run**:\n```bash\n$ pnpm test\nok\n```\n",
    "- `pnpm lint` → 0 errors\n",
    "## Worker Token Summary\n- Input: ~105k tokens\n",
    "---\n",
    "`` ` ``` **__ (([[\n",
    "BACKEND COMPLETE\n",
)


def read(text: str) -> dict[str, Any]:
    return read_log(text.encode()).to_json()


def chunk(body: str) -> dict[str, Any]:
    (found,) = read(f"# X-1 Log\n\n## Chunk 1 — name\n{body}")["chunks"]
    assert isinstance(found, dict)
    return found


@given(st.binary(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=15).map("".join).map(str.encode))
def test_any_bytes_are_read_and_give_valid_json(data: bytes) -> None:
    log = read_log(data)
    assert log.document.raw == data
    found = log.to_json()
    assert list(found) == ["story_id", "chunks", "files", "tokens", "signal", "warnings"]
    assert json.loads(json.dumps(found, ensure_ascii=False).encode()) == found


SEED = """# STORY-12 Backend Implementation Log

## Chunk 2 — Wishlist service
- Objective (maps to story requirement/AC): AC-2, the service
- Files changed:
  - src/wishlist.py (CREATE)
  - src/app.py
- Summary of changes:
  - Added it
  - Wired it
- Reuse compliance:
  - Reused:
    - zod
    - the client
  - New: wishlist.py
  - Why new was necessary: there was none
- Ports & adapters note:
  - What stayed in core: the rules
  - What stayed in adapters: nothing
- Commands run (if any):
  - `pnpm test` — passed
- Notes / Risks: slow on
  big lists
- Check: `mypy .` — passed

## Worker Token Summary
- Input: ~12,000 tokens (files read)
- Output: ~3k tokens (files written)

BACKEND COMPLETE
"""


def test_the_seed_form_has_the_shape_of_the_specification() -> None:
    assert read(SEED) == {
        "story_id": "STORY-12",
        "chunks": [
            {
                "number": 2,
                "name": "Wishlist service",
                "line": 3,
                "objective": "AC-2, the service",
                "files": [
                    {"path": "src/wishlist.py", "action": "create"},
                    {"path": "src/app.py", "action": None},
                ],
                "summary": "- Added it\n- Wired it",
                "reuse": {
                    "reused": ["zod", "the client"],
                    "new": ["wishlist.py"],
                    "why": "there was none",
                },
                "ports": {"core": "the rules", "adapters": "nothing"},
                "commands": [{"command": "pnpm test", "result": "passed"}],
                "notes": "slow on\nbig lists",
                "other": {"Check": "`mypy .` — passed"},
            }
        ],
        "files": ["src/wishlist.py", "src/app.py"],
        "tokens": {"input": 12000, "output": 3000},
        "signal": "BACKEND COMPLETE",
        "warnings": [],
    }


@pytest.mark.parametrize(
    "body",
    [
        "- Objective: the aim\n- Files changed:\n  - `a/b.ts`\n- Notes / Risks: a risk\n",
        "**Objective**: the aim\n**Files changed**:\n- `a/b.ts`\n\n**Notes / Risks**: a risk\n",
        "**Objective:** the aim\n\n**Files changed:**\n- `a/b.ts`\n\n**Notes:** a risk\n",
        "- **Objective**: the aim\n- **Files changed**:\n  - `a/b.ts`\n- **Risks**: a risk\n",
        "- **Objective:** the aim\n- **Files changed:** `a/b.ts`\n- **Notes & Risks:** a risk\n",
        "* **Objective (maps to AC-1)**: the aim\n* **Files**: a/b.ts\n* **Notes/Risks**: a risk\n",
        "### Objective\n\nthe aim\n\n### Files changed\n\n- `a/b.ts`\n\n### Notes / Risks\n\na risk\n",
        "#### Objective: the aim\n#### Files Verified\n1. `a/b.ts`\n#### Notes\na risk\n",
        "Objective: the aim\nFiles audited:\n- a/b.ts\nNotes: a risk\n",
        "**Objective** — the aim\n**Files changed**\n- a/b.ts\n**Notes / Risks** — a risk\n",
        "- __Objective__: the aim\n- __Files touched__: `a/b.ts`\n- __Notes__: a risk\n",
        "  - **Objective**: the aim\n  - **Files modified**:\n    - `a/b.ts`\n  - **Notes**: a risk\n",
    ],
)
def test_the_forms_of_labels(body: str) -> None:
    found = chunk(body)
    assert (found["objective"], found["notes"]) == ("the aim", "a risk")
    assert [file["path"] for file in found["files"]] == ["a/b.ts"]
    assert found["other"] == {}


@pytest.mark.parametrize(
    "body",
    [
        "**Reuse compliance**:\n- **Reused**: zod\n- **New**: a schema\n- **Why new**: none yet\n",
        "- Reuse compliance:\n  - Reused: zod\n  - New: a schema\n  - Why new: none yet\n",
        "**Reuse:**\n- Reused: zod\n- New: a schema\n- Why necessary: none yet\n",
        "### Reuse compliance\n- Reused:\n  - zod\n- New:\n  - a schema\n- Why: none yet\n",
    ],
)
def test_the_forms_of_reuse(body: str) -> None:
    assert chunk(body)["reuse"] == {"reused": ["zod"], "new": ["a schema"], "why": "none yet"}


@pytest.mark.parametrize(
    "body",
    [
        "- Ports & adapters note:\n  - What stayed in core: rules\n  - What stayed in adapters: SQL\n",
        "**Ports & adapters note:**\n- Core: rules\n- Adapters: SQL\n",
        "**Ports and adapters**:\n- Port (interface): rules\n- Adapter (implementation): SQL\n",
    ],
)
def test_the_forms_of_ports(body: str) -> None:
    assert chunk(body)["ports"] == {"core": "rules", "adapters": "SQL"}


def test_words_that_look_like_labels_stay_in_the_text_they_are_in() -> None:
    found = chunk(
        "**Objective**: x\n\n**Summary of changes**:\n- New: a table\n- **Core**: untouched\n"
        "- `parse(x)`: gives y\n\n**Commands run**: None\n"
    )
    assert found["summary"] == "- New: a table\n- **Core**: untouched\n- `parse(x)`: gives y"
    assert found["reuse"]["new"] == []


@pytest.mark.parametrize(
    ("entry", "path", "action"),
    [
        ("- `a/b.ts` (CREATE)", "a/b.ts", "create"),
        ("- `a/b.ts` - Added a schema", "a/b.ts", None),
        ("- `a/b.ts` - CREATED", "a/b.ts", "create"),
        ("- a/b.ts (modified)", "a/b.ts", "modify"),
        ("- **a/b.ts** (NEW)", "a/b.ts", "create"),
        ("- CREATE: `a/b.ts`", "a/b.ts", "create"),
        ("- Deleted `a/b.ts`", "a/b.ts", "delete"),
        ("- [a/b.ts](a/b.ts) (updated)", "a/b.ts", "modify"),
        ("- [x] `a/b.ts`", "a/b.ts", None),
        ("1. `a/b.ts`\n   - Added `x`", "a/b.ts", None),
        ("- `api/images/[id].ts` (CREATE)", "api/images/[id].ts", "create"),
        ("- api/images/[id].ts", "api/images/[id].ts", None),
        ("- `app/(auth)/page.py`: new", "app/(auth)/page.py", "create"),
        ("- `.env.local`", ".env.local", None),
        ("- Dockerfile (MODIFY)", "Dockerfile", "modify"),
        ("`a/b.ts`", "a/b.ts", None),
        ("| File | Action |\n|---|---|\n| `a/b.ts` | CREATE |", "a/b.ts", "create"),
        ("```\na/\n  b.ts\n```", "a/b.ts", None),
    ],
)
def test_the_forms_of_files(entry: str, path: str, action: str | None) -> None:
    assert chunk(f"**Files changed**:\n{entry}\n")["files"] == [{"path": path, "action": action}]


def test_what_is_said_of_files_and_commands_beyond_them_is_kept() -> None:
    found = chunk(
        "- Files changed: None (data only)\n- Commands run: N/A (needs a database)\n- Notes / Risks: None\n"
    )
    assert (found["files"], found["commands"], found["notes"]) == ([], [], "None")
    assert found["other"] == {"Files changed": "None (data only)", "Commands run": "N/A (needs a database)"}


def test_files_in_groups() -> None:
    found = chunk(
        "- Files changed:\n  - Created:\n    - `a/new.ts`\n  - Modified:\n    - `a/old.ts`\n  - `a/x.ts`\n"
    )
    assert [(file["path"], file["action"]) for file in found["files"]] == [
        ("a/new.ts", "create"),
        ("a/old.ts", "modify"),
        ("a/x.ts", None),
    ]


def test_labels_of_files_of_several_kinds_are_one_list() -> None:
    found = chunk(
        "**Files Created**:\n- a/new.ts\n**Files Modified**:\n- a/old.ts\n**Files changed**: a/x.ts\n"
    )
    assert found["files"] == [
        {"path": "a/new.ts", "action": "create"},
        {"path": "a/old.ts", "action": "modify"},
        {"path": "a/x.ts", "action": None},
    ]


@pytest.mark.parametrize(
    ("text", "command", "result"),
    [
        (":\n- `pnpm test` - PASS", "pnpm test", "PASS"),
        (":\n- `pnpm test` — 21 tests PASS", "pnpm test", "21 tests PASS"),
        (":\n- `pnpm test` (57 passed)", "pnpm test", "57 passed"),
        (":\n- `pnpm test` → 0 errors", "pnpm test", "0 errors"),
        (":\n- `pnpm test`: passed", "pnpm test", "passed"),
        (":\n- `pnpm test` ✅", "pnpm test", "✅"),
        (":\n- `pnpm test`", "pnpm test", None),
        (":\n- pnpm test --filter api", "pnpm test --filter api", None),
        (":\n- pnpm test (passed)", "pnpm test", "passed"),
        (":\n- pnpm test - PASS", "pnpm test", "PASS"),
        (":\n- `pnpm test`\n  - Result: PASS", "pnpm test", "PASS"),
        (":\n- `pnpm test`\n  **Result**: PASS", "pnpm test", "PASS"),
        (": `pnpm test` — PASS", "pnpm test", "PASS"),
        (":\n```bash\npnpm test\n```", "pnpm test", None),
        (":\n```bash\n# it passed\npnpm test\n```", "pnpm test", "it passed"),
        (":\n```bash\npnpm test \\\n  --run  # ok\n```", "pnpm test --run", "ok"),
        (":\n```\n$ pnpm test\n12 passed\n```", "pnpm test", "12 passed"),
        (":\n- `pnpm test`\n```\n12 passed\n```", "pnpm test", "12 passed"),
        (":\n| Command | Result |\n|--|--|\n| `pnpm test` | PASS |", "pnpm test", "PASS"),
        (":\n- `./check.sh all` - done", "./check.sh all", "done"),
        (":\n- ``echo `date` `` - ok", "echo `date`", "ok"),
    ],
)
def test_the_forms_of_commands(text: str, command: str, result: str | None) -> None:
    assert chunk(f"**Commands run**{text}\n")["commands"] == [{"command": command, "result": result}]


def test_commands_with_one_result_between_them_share_it() -> None:
    assert chunk("- Commands run: `pnpm lint` and `pnpm test` - PASS\n")["commands"] == [
        {"command": "pnpm lint", "result": "PASS"},
        {"command": "pnpm test", "result": "PASS"},
    ]


@pytest.mark.parametrize(
    ("result", "ok"),
    [
        ("PASS", True),
        ("0 errors", True),
        ("57 PASS, 1 pre-existing FAIL", True),
        ("PASS (after fixing unused import)", True),
        ("1 failed", False),
        ("exit 2", False),
        ("failed with MODULE_NOT_FOUND error", False),
    ],
)
def test_whether_a_result_is_a_failure(result: str, ok: bool) -> None:
    (found,) = read_log(f"## Chunk 1 - x\n- Commands run: `pnpm test` - {result}\n".encode()).chunks
    assert found.commands[0].ok is ok


def test_a_log_without_chunks_gives_the_files_of_headings_tables_lists_and_trees() -> None:
    found = read(
        "# Backend Log - READ-7: Books\n\n## Files Created\n\n### 1. `src/heading.ts`\n\n"
        "| File Path | Purpose |\n|---|---|\n| `src/table.ts` | schema |\n\n"
        "### Second\n\n**Path**: `src/label.ts`\n\n- `src/item.ts` - an item\n- Created src/verb.ts\n"
        "- Follows the pattern of `src/example.ts`\n- Exports it from `src/inside.ts`\n\n"
        "## Directory Structure\n\n```\nsrc/\n  tree/\n    leaf.ts   # a leaf\n```\n\n"
        "## Configuration\n\n```sql\n# not/a/file.ts\n```\n\n## Implementation Complete\n\nAll done.\n"
    )
    assert found["story_id"] == "READ-7"
    assert found["chunks"] == []
    assert set(found["files"]) == {
        f"src/{name}.ts" for name in ("heading", "table", "label", "item", "verb", "inside", "tree/leaf")
    }
    assert found["signal"] == "IMPLEMENTATION COMPLETE"
    assert found["warnings"] == ["no chunk headings; files are taken from headings, tables and lists"]


def test_a_chunk_without_a_label_for_its_files_gives_those_that_it_names() -> None:
    assert chunk("### `src/a.ts` (CREATE)\n\nAdded it.\n")["files"] == [
        {"path": "src/a.ts", "action": "create"}
    ]


@pytest.mark.parametrize(
    ("end", "signal"),
    [
        ("BACKEND COMPLETE", "BACKEND COMPLETE"),
        ("**BACKEND COMPLETE**", "BACKEND COMPLETE"),
        ("## BACKEND COMPLETE ✅\n\nAll done\n\n## Tokens\n- x", "BACKEND COMPLETE"),
        ("FIX COMPLETE.", "FIX COMPLETE"),
        ("## Implementation Complete", "IMPLEMENTATION COMPLETE"),
        ("**Status**: BACKEND PARTIAL", "BACKEND PARTIAL"),
        ("**Status:** ✅ BACKEND COMPLETE", "BACKEND COMPLETE"),
        ("### BACKEND COMPLETE for X-1", "BACKEND COMPLETE"),
        ("BACKEND PARTIAL\n\nlater\n\nBACKEND COMPLETE", "BACKEND COMPLETE"),
        ("BACKEND COMPLETE\n\nBLOCKED: Decision required: x", "BLOCKED: Decision required: x"),
        ("```\nBACKEND COMPLETE\n```", None),
        ("End with BACKEND COMPLETE when it is done", None),
        ('"BACKEND COMPLETE"', None),
        ("  - BACKEND COMPLETE", None),
        ("CHUNK COMPLETE", None),
        ("", None),
    ],
)
def test_the_last_signal_at_the_top_level(end: str, signal: str | None) -> None:
    found = read(f"# X-1\n\n## Chunk 1 - a\n- Notes: b\n\n{end}\n")
    assert found["signal"] == signal
    assert found["chunks"][0]["notes"] == "b" or signal is None
    assert ("no completion signal" in found["warnings"]) is (signal is None)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("## Worker Token Summary\n- Input: ~4200 tokens (x)\n- Output: ~2,100 tokens\n", (4200, 2100)),
        ("## Token Usage\n\n**Input**: 105k\n**Output**: 1.5M\n", (105_000, 1_500_000)),
        (
            "## Tokens\n| | |\n|--|--|\n| **Total Input** | ~28,675 | **~7,168** |\n| Output | 9 |\n",
            (7168, 9),
        ),
        ("## Tokens\n| Phase | Input | Output |\n|--|--|--|\n| a | 10 | 1 |\n| b | 20 | 2 |\n", (30, 3)),
        ("## Notes\nTokens: ~12k input, 3k output\n", (12_000, 3_000)),
        ("## Notes\n**Tokens**: Input ~12,000, Output ~3k\n", (12_000, 3_000)),
        ("## Tokens\n- Input: 16,000 bytes, ~4,000 tokens\n", (4_000, None)),
        ("# Chunk 1: a\n- Notes: b\n## Worker Token Summary\n- Input: ~7\n", (7, None)),
        ("## Notes\n- Input: 12 files\n", (None, None)),
    ],
)
def test_token_numbers(text: str, tokens: tuple[int | None, int | None]) -> None:
    found = read(text)["tokens"]
    assert (found["input"], found["output"]) == tokens


def test_warnings_name_their_lines() -> None:
    warnings = read_log(
        b"# X-1\n\n## Chunk 1 - a\n- Notes: x\n## Chunk 1 - b\nwords\n\xff\n```\n"
        b"## Tokens\n- Input: 1\n## Tokens\n- Input: 2\n"
    ).warnings
    assert warnings == (
        "line 7: not UTF-8; such bytes are shown as \N{REPLACEMENT CHARACTER}",
        "line 8: the code fence is never closed",
        "line 9: an earlier token summary; the last one counts",
        "line 5: this chunk has none of the labels of a log entry",
        "chunk 1 comes 2 times: lines 3, 5",
        "no completion signal",
    )


@pytest.mark.parametrize(
    ("head", "story"),
    [
        ("# Backend Log - KNOW-018: Audit", "KNOW-018"),
        ("# BACKEND-LOG — APIP-1010 Fix", "APIP-1010"),
        ("# Log\n\n**Story**: WISH-2007 - x\n", "WISH-2007"),
        ("# Log of UTF-8 and AC-3", None),
    ],
)
def test_the_story_that_a_log_names(head: str, story: str | None) -> None:
    assert read(f"{head}\n")["story_id"] == story
