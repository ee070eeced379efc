"""An answers file stands in for the human in a headless demo or test, and the output says so."""

from __future__ import annotations

import re
from pathlib import Path

from core.commands import AnswerDecision, ReviewChunk
from core.domain import DecisionRequest, ReviewComment, ReviewVerdict, value
from core.story import InputFault
from core.yaml_file import load_yaml

BY = "answers file"


@value
class DecisionAnswer:
    match: str
    option: str | None
    text: str
    note: str


@value
class ReviewAnswer:
    chunk: int
    round: int | None
    verdict: ReviewVerdict
    comment: str
    comments: tuple[ReviewComment, ...]


@value
class AnswersFile:
    """`decisions` are matched by title, first match wins; a review that is not listed approves."""

    name: str
    decisions: tuple[DecisionAnswer, ...] = ()
    reviews: tuple[ReviewAnswer, ...] = ()

    def decide(self, request: DecisionRequest) -> AnswerDecision | None:
        for answer in self.decisions:
            if re.search(answer.match, request.title, re.IGNORECASE):
                return AnswerDecision(
                    request_id=request.id, option=answer.option, text=answer.text, note=answer.note, by=BY
                )
        return None

    def review(self, request_id: str, chunk: int, round_: int, diff_hash: str) -> ReviewChunk:
        for answer in self.reviews:
            if answer.chunk == chunk and answer.round in (None, round_):
                return ReviewChunk(
                    request_id=request_id,
                    verdict=answer.verdict,
                    diff_hash=diff_hash,
                    comment=answer.comment,
                    comments=answer.comments,
                    by=BY,
                )
        return ReviewChunk(request_id=request_id, verdict="approve", diff_hash=diff_hash, by=BY)


def load_answers(path: Path) -> AnswersFile:
    """Raises InputFault or YamlFault, naming the file."""
    raw = load_yaml(path)
    if not isinstance(raw, dict):
        raise InputFault(f"{path}: expected a mapping with `decisions` and `reviews`")
    try:
        return AnswersFile(
            name=path.name,
            decisions=tuple(_decision(item) for item in raw.get("decisions") or ()),
            reviews=tuple(_review(item) for item in raw.get("reviews") or ()),
        )
    except (KeyError, TypeError, ValueError, re.error) as fault:
        raise InputFault(f"{path}: {type(fault).__name__}: {fault}") from None


def _decision(item: dict[str, object]) -> DecisionAnswer:
    match = str(item["match"])
    re.compile(match)
    option = item.get("option")
    return DecisionAnswer(
        match=match,
        option=None if option is None else str(option),
        text=str(item.get("text", "")),
        note=str(item.get("note", "")),
    )


def _review(item: dict[str, object]) -> ReviewAnswer:
    verdicts: dict[str, ReviewVerdict] = {
        "approve": "approve",
        "request_changes": "request_changes",
        "revert": "revert",
        "stop": "stop",
    }
    verdict = verdicts.get(str(item["verdict"]))
    if verdict is None:
        raise ValueError(f"unknown verdict {item['verdict']!r}; known: {', '.join(verdicts)}")
    round_ = item.get("round")
    comments = item.get("comments") or []
    if not isinstance(comments, list):
        raise TypeError("`comments` is a list of {path, line, text}")
    return ReviewAnswer(
        chunk=int(str(item["chunk"])),
        round=None if round_ is None else int(str(round_)),
        verdict=verdict,
        comment=str(item.get("comment", "")),
        comments=tuple(
            ReviewComment(text=str(c["text"]), path=c.get("path"), line=c.get("line")) for c in comments
        ),
    )
