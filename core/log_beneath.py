"""What stands beneath a chunk's entry in a log, as the events that it was written for. Pure.

The forms are those of core.logs.chunk_entry; a line in another form is left to the notes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from core import events as ev
from core.domain import (
    Answer,
    CheckResult,
    CommandRun,
    DecisionRequest,
    Diagnostic,
    Finding,
    PolicyOutcome,
    ReviewComment,
    ReviewVerdict,
)
from core.logs.log_commands import LONGEST, SPAN, span_text, tells_failure
from core.logs.log_fields import LogField
from core.markdown import item

LABELS = re.compile(
    r"check|rules|fix attempt \d+|changes(?: after review)?(?: \(round \d+\))?|review|decision|reverted.*"
    r"|undone|commit",
    re.IGNORECASE,
)
COUNTS = re.compile(r"\((\d+) fixed, (\d+) new, (\d+) remaining\)")
ENVIRONMENT = re.compile(r"could not be made: (.*?)(?: \(environment; not a fix attempt\))?$")
PLACED = re.compile(r"(?P<path>[^\s:]+)(?::(?P<line>\d+))?(?::(?P<column>\d+))?: (?P<message>.*)", re.DOTALL)
FINDING = re.compile(
    r"(?P<path>[^:]+?)(?::(?P<line>\d+))?: (?P<message>.*) \((?P<rule>[\w-]+), (?P<severity>block|warn)\)",
    re.DOTALL,
)
VERDICT = re.compile(
    r"(?P<word>approved|changes requested|reverted|stopped)(?: by (?P<by>[^(]*))?(?:\(round \d+\))?", re.I
)
VERDICTS: dict[str, ReviewVerdict] = {
    "approved": "approve",
    "changes requested": "request_changes",
    "reverted": "revert",
    "stopped": "stop",
}
COMMENT = re.compile(
    r"(?:(?P<id>C\d+) )?(?:(?P<path>[^\s:]+):(?P<line>\d+)(?:-(?P<end>\d+))?: )?(?P<text>.*)", re.DOTALL
)
DECISION = re.compile(
    r"(?P<title>.+?) — (?P<choice>.+) \((?P<how>auto-accepted|settled before|deferred|by [^,()]+)"
    r"(?:, (?P<tier>tier [1-5]|unclassified))?(?:, (?P<basis>[^;()]*))?(?:; (?P<recorded>[^()]*))?\)"
)
OUTCOMES = {"auto-accepted": "auto", "settled before": "covered", "deferred": "defer"}


def is_beneath(field: LogField) -> bool:
    return field.field is None and LABELS.fullmatch(field.label) is not None


class Beneath:
    """Reads the lines of one chunk in their order: rounds and attempts count on from line to line.

    `failed`: its last check did. `undone` says by whom it was, "" where it was not.
    """

    def __init__(self, chunk: int) -> None:
        self._chunk = chunk
        self._round = 1
        self._attempt = 0
        self.verdict: ReviewVerdict | None = None
        self.undone = ""
        self.failed = False

    def read(self, field: LogField) -> Iterator[ev.Event]:
        """The events of one line with what is indented under it; none for a form that it does not know."""
        label = field.label.casefold()
        if label == "check":
            yield from self._check(field)
        elif label == "rules":
            yield from self._rules(field)
        elif label == "review":
            yield from self._review(field)
        elif label == "decision":
            yield from self._decision(field)
        elif label.startswith("undone"):
            by = re.match(r"by ([^,]+)", field.inline)
            self.undone = by[1] if by else "somebody"
        elif label.startswith("reverted"):
            self.verdict = "revert"
        elif label.startswith(("fix attempt", "changes")):
            self._round += 1
            found = re.search(r"fix attempt (\d+)", label)
            self._attempt = min(int(found[1]), 99) if found else 0

    def _check(self, field: LogField) -> Iterator[ev.Event]:
        result = check_result(field.inline, _items(field))
        self.failed = not result.ok
        counts = COUNTS.search(field.inline)
        fixed, new, remaining = map(int, counts.groups()) if counts else (0, 0, 0)
        yield ev.CheckStarted(
            chunk=self._chunk,
            round=self._round,
            attempt=self._attempt,
            commands=tuple(run.argv for run in result.commands),
        )
        yield ev.CheckFinished(
            chunk=self._chunk,
            round=self._round,
            attempt=self._attempt,
            result=result,
            fixed=fixed,
            new=new,
            remaining=remaining,
        )

    def _rules(self, field: LogField) -> Iterator[ev.Event]:
        findings = [
            Finding(
                rule=match["rule"],
                severity="block" if match["severity"] == "block" else "warn",
                path=match["path"],
                line=_number(match["line"]),
                message=match["message"],
            )
            for text in _items(field)
            if (match := FINDING.fullmatch(text))
        ]
        yield ev.RulesChecked(chunk=self._chunk, round=self._round, findings=tuple(findings))

    def _review(self, field: LogField) -> Iterator[ev.Event]:
        match = VERDICT.match(field.inline)
        if not match:
            return
        self.verdict = VERDICTS[match["word"].casefold()]
        request_id = f"review-{self._chunk}-{field.line}"
        yield ev.ReviewRequested(
            request_id=request_id, chunk=self._chunk, round=self._round, diff_hash="", files=()
        )
        yield ev.ReviewResolved(
            request_id=request_id,
            chunk=self._chunk,
            round=self._round,
            verdict=self.verdict,
            by=(match["by"] or "somebody").strip(),
            diff_hash="",
            comments=tuple(_comment(text) for text in _items(field)),
        )

    def _decision(self, field: LogField) -> Iterator[ev.Event]:
        match = DECISION.fullmatch(field.inline)
        if not match:
            return
        name = f"decision-{self._chunk}-{field.line}"
        request = DecisionRequest(id=name, title=match["title"], context="", options=())
        yield ev.DecisionRequested(
            chunk=self._chunk,
            call_id=name,
            request=request,
            policy=_policy(match),
            autonomy="conservative",
        )
        by = match["how"].removeprefix("by ") if match["how"].startswith("by ") else "auto"
        answer = Answer(decision=match["choice"], decided_by=by)
        yield ev.DecisionResolved(request_id=name, answer=answer, recorded_as=match["recorded"])


def _policy(match: re.Match[str]) -> PolicyOutcome:
    tier = match["tier"] or "unclassified"
    outcome = OUTCOMES.get(match["how"], "escalate")
    return PolicyOutcome(
        outcome=outcome,  # type: ignore[arg-type]
        tier=int(tier[-1]) if tier[-1].isdigit() else None,
        tier_by="worker" if tier[-1].isdigit() else "unclassified",
        basis=match["basis"] or "",
        reasons=("as the log says",),
        category="",
        choice=match["choice"] if outcome in ("auto", "covered") else None,
    )


def check_result(said: str, errors: Iterable[str]) -> CheckResult:
    """`` `mypy .` — passed``, with the errors that stand beneath it."""
    span = SPAN.search(said[:LONGEST])
    command = span_text(span).strip() if span else ""
    told = said[span.end() :].strip(" -–—:→") if span else said.strip()
    diagnostics = tuple(_diagnostic(text) for text in errors)
    fault = ENVIRONMENT.search(told)
    if fault:
        return CheckResult(commands=(_run(command or told, None, fault[1]),), environment_fault=fault[1])
    failed = tells_failure(told)
    run = _run(command or told or "check", 1 if failed else 0, told or None)
    return CheckResult(commands=(run,), diagnostics=diagnostics if failed else ())


def _run(command: str, exit_code: int | None, said: str | None) -> CommandRun:
    return CommandRun(argv=(command,), cwd="", exit_code=exit_code, duration_s=0.0, fault=said)


def _diagnostic(text: str) -> Diagnostic:
    match = PLACED.fullmatch(text)
    return Diagnostic(
        path=match["path"] if match and match["line"] else None,
        line=_number(match["line"]) if match else None,
        column=_number(match["column"]) if match else None,
        code=None,
        severity="error",
        message=match["message"] if match and match["line"] else text,
    )


def _comment(text: str) -> ReviewComment:
    match = COMMENT.fullmatch(text)
    assert match is not None, "every part of it may be missing"
    return ReviewComment(
        text=match["text"],
        path=match["path"],
        line=_number(match["line"]),
        end_line=_number(match["end"]),
        id=match["id"] or "",
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and len(text) < 10 else None


def _items(field: LogField) -> list[str]:
    """The items beneath a label, each with the lines that go on with it."""
    found: list[str] = []
    for line in field.lines:
        entry = item(line)
        if entry:
            found.append(entry.text)
        elif found and not line.blank:
            found[-1] = f"{found[-1]}\n{line.text.strip()}"
    return found
