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
                    request_id=request.id,
                    option=answer.option,
                    text=answer.text,
                    note=answer.note,
                    subject_sha=request.subject_sha,
                    by=BY,
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
    except KeyError as missing:
        raise InputFault(f"{path}: an entry has no {missing.args[0]!r}") from None
    except (TypeError, AttributeError, ValueError, re.error) as fault:
        raise InputFault(f"{path}: {fault}") from None


def _decision(item: dict[str, object]) -> DecisionAnswer:
    match = str(item["match"])
    re.compile(match)
    option, text = item.get("option"), str(item.get("text", ""))
    if option is None and not text.strip():
        raise ValueError(f"the decision {match!r} has neither an `option` nor a `text`")
    return DecisionAnswer(
        match=match,
        option=None if option is None else str(option),
        text=text,
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
    if verdict == "request_changes" and not (item.get("comment") or comments):
        raise ValueError(
            f"chunk {item['chunk']}: `request_changes` says what to change, in `comment` or `comments`"
        )
    return ReviewAnswer(
        chunk=int(str(item["chunk"])),
        round=None if round_ is None else int(str(round_)),
        verdict=verdict,
        comment=str(item.get("comment", "")),
        comments=tuple(_comment(each) for each in comments),
    )


def _comment(item: dict[str, object]) -> ReviewComment:
    path, line = item.get("path"), item.get("line")
    return ReviewComment(
        text=str(item["text"]),
        path=None if path is None else str(path),
        line=None if line is None else int(str(line)),
    )
