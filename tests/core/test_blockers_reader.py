"""BLOCKERS.md: that it is there does not mean that anything is blocked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.logs.blockers_reader import read_blockers


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# Blockers\n",
        "None\n",
        "# Blockers\n\nNone.\n",
        "# Blockers - READ-7\n\nNo blockers identified.\n",
        "# Blockers\n\n_There are no active blockers at this time._\n",
        "# Blockers\n\n**Story**: READ-7\n**Status**: None\n",
        "# Blockers\n\nStatus: NOT BLOCKED\n",
        "# Blockers\n\n## Current blockers\n\nN/A\n\n## Resolved blockers\n\n### Key\n\nIt was missing.\n",
        "# Blockers\n\n- [x] Key is there\n",
        "<!-- blocker B1 of run R -->\n## Check Failed\n\n**Status**: Resolved — by user\n\n**Reason**: x\n",
        "# Blockers\n\n## Blocker 1: key [RESOLVED]\n\nIt was missing.\n",
        "<!--\n## Template\n\nDescribe it.\n-->\n",
    ],
)
def test_files_that_block_nothing(text: str) -> None:
    assert not read_blockers(text.encode()).blocked


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("The database is down.\n", ["The database is down."]),
        ("# Blockers\n\n- [ ] Key is missing\n", ["- [ ] Key is missing"]),
        ("## Architectural Decision Required\n\n**Context**: a\n", ["Architectural Decision Required"]),
        (
            "# Blockers\n\n## B1: key [RESOLVED]\n\nx\n\n## Blocker 2: port\n\ny\n\n### Options\n\n1. z\n",
            ["Blocker 2: port"],
        ),
        ("# Blockers\n\n## Key\n\nStatus: not yet resolved\n", ["Key"]),
        ("# Blockers\n\nNone of the checks can run.\n", ["None of the checks can run."]),
    ],
)
def test_what_is_open(text: str, titles: list[str]) -> None:
    assert [blocker.title for blocker in read_blockers(text.encode()).open] == titles


@given(st.binary(max_size=200) | st.text("#- \n[x]Nonestaud:*", max_size=120).map(str.encode))
def test_any_bytes_are_read_and_come_back(data: bytes) -> None:
    read = read_blockers(data)
    assert read.document.raw == data
    assert all(blocker.line >= 1 for blocker in read.blockers)
