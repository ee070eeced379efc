"""Text of others can't act on the terminal through the review, nor break it (RELIABILITY, promise 8)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core import events as ev
from core.domain import Finding, ReviewComment
from core.review_rounds import CommentOutcome
from tests.soak import only_in_soak
from tests.tui import journal_of_a_review as journal
from tests.tui.journal_of_decisions import then
from tests.tui.on_screen import NARROW, TINY, WIDE, Size
from tests.tui.reviewing import reviewing
from tests.tui.test_hostile_text import HOSTILE, control_characters, hostile_run

KEYS = (
    "n",
    "v down i x ctrl+s",
    "x",
    "] ] [",
    "|",
    "N G g",
    "e ] e",
    "space",
    "tab down enter",
    "w",
    "c z escape",
    "a n",
    "? escape",
    "escape",
)
NAMES = {"[": "left_square_bracket", "]": "right_square_bracket", "|": "vertical_line", "?": "question_mark"}
# A NUL early in a file makes it binary: then its lines are not shown at all.
LINES = HOSTILE.replace("\x00", "")


def hostile_review() -> journal.ReviewView:
    """Its diff has hostile paths and lines; every remark at them is hostile too."""
    texts: journal.Texts = {
        f"{HOSTILE}.py": (None, f"def f():\n    {LINES}\n".encode("utf-8", "surrogatepass")),
        "a.ts": (
            f"x\n{LINES}\ny\n".encode("utf-8", "surrogatepass"),
            f"x\n{LINES}!\ny\n".encode("utf-8", "replace"),
        ),
    }
    finding = Finding(rule=HOSTILE, severity="block", path="a.ts", line=2, message=HOSTILE)
    files = journal.changes(texts)
    asked = ev.ReviewRequested(request_id="R9", chunk=1, round=1, diff_hash="9" * 64, files=files)
    history = then(
        [
            r
            for r in hostile_run()
            if not isinstance(r.event, ev.InputRequested | ev.BlockerRaised | ev.ReviewRequested)
        ],
        ev.RulesChecked(chunk=1, round=1, findings=(finding,)),
        ev.FindingWaived(chunk=1, finding=replace(finding, line=None), reason=HOSTILE, by=HOSTILE),
        asked,
    )
    view = journal.ReviewView(history, texts)
    comment = ReviewComment(text=HOSTILE, path="a.ts", line=2, quote=HOSTILE, id=HOSTILE)
    view.outcomes = (
        CommentOutcome(comment=comment, became="changed", line=3, answer=HOSTILE),
        CommentOutcome(comment=replace(comment, path=HOSTILE), became="gone"),
    )
    return view


@pytest.mark.parametrize("size", [pytest.param(WIDE, marks=only_in_soak), NARROW, TINY])
async def test_hostile_text_through_every_stage_of_a_review(
    size: Size, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "no\x1b[2J\u202e/such")
    (tmp_path / "a.ts").write_text("x", "utf-8")
    view = hostile_review()
    view.root = tmp_path
    async with reviewing(view=view, size=size) as shown:
        assert shown.screen.under_review
        seen = shown.text()
        for keys in KEYS:
            await shown.press(*(NAMES.get(key, key) for key in keys.split()))
            seen += shown.text()
        chunk = shown.shown.screen.columns.chunk
        await chunk.open_tab("diff")
        await shown.shown.settle()
        seen += shown.text()
        assert control_characters(seen) == set()
        assert "click[/]" in seen or size == TINY
