"""A review over its rounds: what comments led to, hunks turned down, findings waived, edits folded in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import events as ev
from core.blobs import sha_of
from core.commands import Command, CommandRefused, FoldEdits, ReviewChunk, WaiveFinding
from core.domain import ChunkSummary, CommentAnswer, FileChange, ReviewComment
from core.fold import fold
from core.journal import read
from core.review_rounds import comment_outcomes
from core.run_state import ChunkState, ReviewState, RunState
from core.session import Run
from tests.core.attended import attended, of, told
from tests.core.small_story import (
    SERVICE,
    close_chunk,
    complete,
    edit,
    events,
    make_workspace,
    open_chunk,
    reply,
    script_file,
    start_run,
    write,
    written,
)

NO_CHECK = {".signoff/config.yaml": 'checks:\n  commands: [["true"]]\n'}
DONE = [reply(complete())]


def verdict(state: RunState, verdict: Any, **fields: Any) -> ReviewChunk:
    chunk = state.chunk
    assert chunk is not None and chunk.review is not None
    review = chunk.review
    return ReviewChunk(request_id=review.request_id, verdict=verdict, diff_hash=review.diff_hash, **fields)


def rounds(*answers: Callable[[RunState], Command]) -> Callable[[RunState], list[Command]]:
    """The nth review gets the nth answer."""
    seen: list[str] = []

    def respond(state: RunState) -> list[Command]:
        waiting = [p.request_id for p in state.pending if p.kind == "review"]
        if not waiting or waiting[0] in seen:
            return []
        seen.append(waiting[0])
        return [answers[len(seen) - 1](state)]

    return respond


def start(tmp_path: Path, *groups: list[dict[str, Any]]) -> tuple[Path, Run]:
    root = make_workspace(tmp_path, NO_CHECK)
    return root, start_run(root, script_file(tmp_path, *groups), attended=True, review="each")


# --- through a run ----------------------------------------------------------------------


def test_the_next_round_shows_what_each_comment_led_to(tmp_path: Path) -> None:
    body = "A = 1\nB = 2\nC = 3\nD = 4\n"
    answers = [{"comment": "C1", "answer": "renamed"}, {"comment": "C2", "answer": "it is needed"}]
    chunk = [
        reply(open_chunk(), write("apps/api/services/items/more.py", body), close_chunk()),
        reply(edit("A = 1\n", "# count\nA = 10\n", "apps/api/services/items/more.py"), say="two"),
        reply(close_chunk("changed", answers=answers)),
    ]
    _, run = start(tmp_path, chunk, DONE)
    path = "apps/api/services/items/more.py"
    comments = (
        ReviewComment(path=path, line=1, text="a clearer value", quote="A = 1"),
        ReviewComment(path=path, line=3, end_line=4, text="why?", quote="C = 3\nD = 4"),
        ReviewComment(path=path, line=2, text="", quote="B = 2", kind="reject"),
    )
    shown: list[Any] = []

    def second(state: RunState) -> Command:
        shown.extend(run.comment_outcomes(1))
        return verdict(state, "approve", comment="good now")

    respond = rounds(lambda s: verdict(s, "request_changes", comments=comments), second)
    assert asyncio.run(attended(run, respond)).outcome == "complete"
    assert [(o.comment.id, o.became, o.line, o.answer) for o in shown] == [
        ("C1", "changed", 1, "renamed"),
        ("C2", "unchanged", 4, "it is needed"),
        ("C3", "unchanged", 3, ""),
    ]
    said = told(run)
    assert f"- C1 {path}:1: a clearer value\n    > A = 1" in said
    assert f"- C2 {path}:3-4: why?\n    > C = 3\n    > D = 4" in said
    assert f"- C3 {path}:2: not this: take these lines back.\n    > B = 2" in said
    log = written(run.root, "BACKEND-LOG.md")
    assert f"C3 {path}:2: not this." in log
    assert "- C2: it is needed" in log
    assert "- Review: approved by user\n  - good now" in log


def test_an_edit_of_the_supervisors_is_folded_in_as_theirs(tmp_path: Path) -> None:
    chunk = [reply(open_chunk(), edit("TOTAL: int = 0", "TOTAL: int = 1"), close_chunk())]
    root, run = start(tmp_path, chunk, DONE)

    def edited(state: RunState) -> Command:
        path = root / SERVICE
        path.write_text(path.read_text("utf-8").replace("= 1", "= 7"), "utf-8")
        assert state.chunk is not None and state.chunk.review is not None
        return FoldEdits(request_id=state.chunk.review.request_id)

    respond = rounds(edited, lambda s: verdict(s, "approve"))
    assert asyncio.run(attended(run, respond)).outcome == "complete"
    changes = of(events(run), ev.FileChanged)
    assert [c.call_id == ev.OUTSIDE for c in changes] == [False, True]
    assert (root / SERVICE).read_text("utf-8").endswith("TOTAL: int = 7\n")
    assert len(of(events(run), ev.CheckFinished)) == 3, "the chunk's gate again, and the final check"
    assert f"- Changed outside the run: {SERVICE} (+1 -1)" in written(root, "BACKEND-LOG.md")


def test_an_edit_that_does_not_pass_goes_to_the_worker_and_the_review_waits_no_more(tmp_path: Path) -> None:
    passes = f'checks:\n  commands: [["grep", "-q", "= 1", "{SERVICE}"]]\n'
    root = make_workspace(tmp_path, {".signoff/config.yaml": passes})
    chunk = [
        reply(open_chunk(), edit("TOTAL: int = 0", "TOTAL: int = 1"), close_chunk()),
        reply({"read_file": {"path": SERVICE}}, edit("TOTAL: int = 7", "TOTAL: int = 1"), say="mends"),
        reply(close_chunk("mended")),
    ]
    run = start_run(root, script_file(tmp_path, chunk, DONE), attended=True, review="each")

    def edited(state: RunState) -> Command:
        path = root / SERVICE
        path.write_text(path.read_text("utf-8").replace("= 1", "= 7"), "utf-8")
        assert state.chunk is not None and state.chunk.review is not None
        return FoldEdits(request_id=state.chunk.review.request_id)

    respond = rounds(edited, lambda s: verdict(s, "approve"))
    assert asyncio.run(attended(run, respond)).outcome == "complete"
    records = read(run.folder)[1]
    at_work = [n for n, r in enumerate(records, start=1) if isinstance(r.event, ev.ModelTurnStarted)]
    assert [fold(records[:n]).pill for n in at_work] == ["Working"] * len(at_work)


def test_folding_in_nothing_leaves_the_review_as_it_is(tmp_path: Path) -> None:
    chunk = [reply(open_chunk(), edit("TOTAL: int = 0", "TOTAL: int = 1"), close_chunk())]
    _, run = start(tmp_path, chunk, DONE)
    asked: list[str] = []

    def respond(state: RunState) -> list[Command]:
        if not state.pending or state.chunk is None or state.chunk.review is None:
            return []
        if not asked:
            asked.append(state.chunk.review.request_id)
            return [FoldEdits(request_id=state.chunk.review.request_id)]
        return [verdict(state, "approve")]

    assert asyncio.run(attended(run, respond)).outcome == "complete"
    assert len(of(events(run), ev.ReviewRequested)) == 1


def test_a_waived_finding_blocks_no_more_and_the_log_says_why(tmp_path: Path) -> None:
    chunk = [
        reply(open_chunk(), write("apps/api/items.http", "GET /items\n"), close_chunk()),
        reply(close_chunk("as it is"), say="again"),
    ]
    root, run = start(tmp_path, chunk, DONE)
    waived: list[str] = []

    def respond(state: RunState) -> list[Command]:
        open_chunk_ = state.chunk
        if open_chunk_ is None:
            return []
        blocking = [f for f in open_chunk_.standing_findings if f.severity == "block"]
        if blocking and not waived:
            found = blocking[0]
            with pytest.raises(CommandRefused, match="say why"):
                run.submit(
                    WaiveFinding(chunk=1, rule=found.rule, path=found.path, line=found.line, reason=" ")
                )
            waived.append(found.rule)
            return [
                WaiveFinding(
                    chunk=1, rule=found.rule, path=found.path, line=found.line, reason="a legacy client"
                )
            ]
        if state.pending and open_chunk_.review is not None and open_chunk_.review.verdict is None:
            return [verdict(state, "approve")]
        return []

    assert asyncio.run(attended(run, respond)).outcome == "complete"
    assert waived == ["http-files"]
    assert "- Finding waived: http-files at apps/api/items.http" in written(root, "BACKEND-LOG.md")
    assert "a legacy client" in written(root, "BACKEND-LOG.md")
    standing = run.state.approved_chunks[0].standing_findings
    assert [f.severity for f in standing] == ["warn"]


def no_blob(sha: str) -> bytes:
    raise AssertionError("no content is looked at")


# --- where a comment's lines went -------------------------------------------------------


def chunk_of(
    before: bytes, after: bytes, comment: ReviewComment, answers: tuple[CommentAnswer, ...] = ()
) -> Any:
    blobs = {sha_of(each): each for each in (before, after)}
    path = comment.path or "a.py"
    then = FileChange(path=path, action="create", before=None, after=sha_of(before))
    now = FileChange(path=path, action="create", before=None, after=sha_of(after))
    review = ReviewState(
        request_id="r",
        round=1,
        diff_hash="0",
        files=(then,),
        verdict="request_changes",
        comments=(comment,),
    )
    chunk = ChunkState(
        number=1,
        round=2,
        reviews=(review,),
        closed_files=(now,),
        summary=ChunkSummary(summary="s", answers=answers),
    )
    (outcome,) = comment_outcomes(chunk, blobs.__getitem__)
    return outcome


@given(
    lines=st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=12),
    above=st.lists(st.sampled_from("xyz"), max_size=5),
    at=st.integers(0, 11),
)
def test_lines_that_only_moved_are_found_where_they_are(lines: list[str], above: list[str], at: int) -> None:
    unique = [f"{n}{line}" for n, line in enumerate(lines)]
    line = at % len(unique) + 1
    before, after = "\n".join(unique).encode(), "\n".join([*above, *unique]).encode()
    outcome = chunk_of(before, after, ReviewComment(text="?", path="a.py", line=line))
    assert (outcome.became, outcome.line) == ("unchanged", line + len(above))
    assert outcome.stale == bool(above)


def test_a_file_that_left_the_chunk_takes_its_comments_along() -> None:
    outcome = chunk_of(b"a", b"a", ReviewComment(text="?", path="a.py", line=1))
    assert not outcome.stale
    gone = ReviewComment(text="?", path="b.py", line=1)
    review = ReviewState(
        request_id="r", round=1, diff_hash="0", files=(), verdict="request_changes", comments=(gone,)
    )
    chunk = ChunkState(number=1, round=2, reviews=(review,))
    assert [o.became for o in comment_outcomes(chunk, no_blob)] == ["gone"]


def test_while_the_worker_is_at_it_nothing_is_said_yet() -> None:
    review = ReviewState(
        request_id="r",
        round=2,
        diff_hash="0",
        files=(),
        verdict="request_changes",
        comments=(ReviewComment(text="?"),),
    )
    assert comment_outcomes(ChunkState(number=1, round=2, reviews=(review,)), no_blob) == ()
