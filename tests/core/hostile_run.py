"""A run in which everything that others write is one and the same hostile text."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from core import events as ev
from core.domain import (
    Answer,
    CheckResult,
    CommandRun,
    DecisionRequest,
    Diagnostic,
    Finding,
    Option,
    PolicyOutcome,
    ReviewComment,
    Story,
)
from tests.core.folded_recording import Contents, FoldedRecording, chunk, started

EVIL = (
    "</td></table></main><script>alert(1)</script>",
    '" onload="alert(1)',
    "'><img src=x onerror=alert(1)>",
    "]]><!-- -->&lt;&amp;&#0;</style></title></textarea>",
    "\u202edrow\u2066\x1b[31m\x00\x07\r\n\u2028\ud800\U000e0001",
    "javascript:alert(1)//http://example.org/x",
    "| @everybody #1 ![x](http://example.org/x) <b> `` ` [x]: y",
)
# Control codes, line separators, bidi and halves of surrogate pairs.
ACTING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SIGNS = st.sampled_from("<>\"'&/!-=\x00\u202e\ud800 \n|`")
hostile_texts = st.one_of(st.sampled_from(EVIL), st.text(max_size=40), st.text(_SIGNS, max_size=30))


def everywhere(text: str) -> FoldedRecording:
    contents = Contents()
    change = contents.change(f"a/{text}", f"old {text}\n", f"new {text}\n")
    comment = ReviewComment(text=text, path=change.path, line=1, quote=text)
    step = text or "1"
    return FoldedRecording(
        [
            started(
                Story(id=text, title=text, folder=text, stage=text, text=text), steps=(step,), model=text
            ),
            *chunk(
                1,
                [change],
                name=text,
                steps=(step,),
                summary=text,
                comments=(comment,),
                between=_between(text, change.path),
            ),
            _blocker(text),
            ev.WarningRaised(text=text),
            ev.RunFinished(outcome="failed", reason=text, exit_code=1),
        ],
        contents,
        title=text,
    )


def _between(text: str, path: str) -> list[ev.Event]:
    finding = Finding(rule=text, severity="warn", path=path, line=1, message=text)
    answer = Answer(decision=text, decided_by=text, note=text)
    return [
        ev.DecisionRequested(
            chunk=1, call_id="t", request=_question(text), policy=_policy(text), autonomy="moderate"
        ),
        ev.DecisionResolved(request_id=text, answer=answer, recorded_as=text),
        ev.ScopeDenied(chunk=1, path=path, verdict="out", reason=text),
        ev.RulesChecked(chunk=1, round=1, findings=(finding,)),
        ev.CheckStarted(chunk=1, round=1, attempt=0, commands=((text,),)),
        ev.CheckFinished(chunk=1, round=1, attempt=0, result=_failed(text, path)),
        ev.OutsideEditSeen(chunk=1, path=path),
    ]


def _question(text: str) -> DecisionRequest:
    option = Option(id="1", label=text, pros=text, cons=text)
    return DecisionRequest(
        id=text,
        title=text,
        context=text,
        options=(option,),
        recommendation=text,
        rationale=text,
        subject=text,
    )


def _policy(text: str) -> PolicyOutcome:
    return PolicyOutcome(
        outcome="escalate", tier=2, tier_by="pattern", basis=text, reasons=(text,), category=text
    )


def _failed(text: str, path: str) -> CheckResult:
    error = Diagnostic(path=path, line=1, column=1, code=text, severity="error", message=text)
    run = CommandRun(argv=(text,), cwd="", exit_code=1, duration_s=1, fault=text)
    return CheckResult(commands=(run,), diagnostics=(error,))


def _blocker(text: str) -> ev.BlockerRaised:
    return ev.BlockerRaised(
        blocker_id="b",
        kind="check",
        reason=text,
        chunk=1,
        context=text,
        needed=text,
        options=(text,),
        recommendation=text,
        blocked_steps=(text,),
        command=text,
        attempts=(text,),
        diagnostics=(text,),
    )
