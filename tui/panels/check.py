"""The type check: its attempts in one line, and what the latest one said. Enter opens a diagnostic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.content import Content

from core.domain import Diagnostic
from core.run_state import CheckAttempt
from tui.clock import short_duration
from tui.line import Line
from tui.marks import BAD, NOW, OK, WARN, Mark
from tui.panels.base import Panel, Shown
from tui.safe_text import row

COMMAND_KEY = "command"
DIAGNOSTIC_KEY = "diagnostic:"
SHORT_COMMAND = 38
"""So long a command fits into the panel at its usual width."""
SEVERITY_STYLES = {"error": "$text-error", "warning": "$text-warning", "note": "$text-muted"}


class CheckPanel(Panel):
    KEY: ClassVar[str] = "check"
    NAME: ClassVar[str] = "Check"

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self._drawn_attempts: tuple[CheckAttempt, ...] = ()

    def slice(self, shown: Shown) -> tuple[object, ...]:
        return (shown.chunk.attempts if shown.chunk else (), shown.state.final_check, shown.live.output)

    def title(self, shown: Shown) -> Content:
        attempts = shown_attempts(shown)
        if not attempts:
            return row("Check")
        mark = attempt_mark(attempts[-1])
        name = "Final check" if attempts is shown.state.final_check else "Check"
        return row(f"{name} ", (mark.sign, mark.style))

    def badge(self, shown: Shown) -> str:
        attempts = shown_attempts(shown)
        return attempt_mark(attempts[-1]).sign if attempts else ""

    def lines(self, shown: Shown) -> Iterator[Line]:
        attempts = shown_attempts(shown)
        if not attempts:
            yield Line(row(("Runs when the chunk is closed.", "$text-muted")))
            return
        yield attempts_line(attempts)
        latest = attempts[-1]
        yield self._command_line(latest)
        if latest.result is None:
            yield from _output(shown.live.output, latest)
            return
        yield from self._result(latest)

    def draw(self, shown: Shown) -> None:
        super().draw(shown)
        if shown_attempts(shown) is not self._drawn_attempts:
            self._drawn_attempts = shown_attempts(shown)
            self.body.place_cursor(f"{DIAGNOSTIC_KEY}0")

    def _command_line(self, attempt: CheckAttempt) -> Line:
        command = _command(attempt)
        short = short_command(command)
        opened = COMMAND_KEY in self.expanded
        text = row(("$ ", "$text-muted"), (command if opened else short, "$text-muted"))
        return Line(text, key=COMMAND_KEY if short != command else "", hang=2, wrap=opened)

    def _result(self, attempt: CheckAttempt) -> Iterator[Line]:
        result = attempt.result
        if result is None:
            return
        if result.environment_fault:
            yield Line(row((f"{WARN.sign} ", WARN.style), (result.environment_fault, WARN.style)), hang=2)
        if result.ok:
            took = short_duration(result.duration_s or None)
            yield Line(row((f"{OK.sign} no errors", OK.style), (f"  {took}", "$text-muted")))
        if attempt.attempt > 0:
            change = f"{attempt.fixed} fixed · {attempt.new} new · {attempt.remaining} remaining"
            yield Line(row((change, "$text-muted")))
        for i, diagnostic in enumerate(result.diagnostics):
            yield from self._diagnostic(diagnostic, f"{DIAGNOSTIC_KEY}{i}")

    def _diagnostic(self, diagnostic: Diagnostic, key: str) -> Iterator[Line]:
        style = SEVERITY_STYLES[diagnostic.severity]
        sign = BAD.sign if diagnostic.severity == "error" else WARN.sign
        place = diagnostic.place or "no file"
        yield Line(
            row((f"{sign} ", style), (place, "bold"), (f" {diagnostic.severity}", style)), key=key, hang=2
        )
        message = diagnostic.message
        opened = key in self.expanded
        text = message if opened else message.split("\n", 1)[0]
        for part in text.split("\n"):
            yield Line(row("  ", part), hang=2, wrap=opened)
        if opened and diagnostic.code:
            yield Line(row("  ", (diagnostic.code, "$text-muted")), hang=2)


def shown_attempts(shown: Shown) -> tuple[CheckAttempt, ...]:
    """Those of the chunk that is shown; those of the whole run when its final check has begun."""
    if shown.state.final_check and not shown.pinned:
        return shown.state.final_check
    return shown.chunk.attempts if shown.chunk is not None else ()


def attempt_mark(attempt: CheckAttempt) -> Mark:
    if attempt.result is None:
        return NOW
    if attempt.result.environment_fault:
        return WARN
    return OK if attempt.result.ok else BAD


def attempts_line(attempts: tuple[CheckAttempt, ...]) -> Line:
    """`initial 2✗ │ fix 1 ✓`: since the latest initial check; what was before a review is in the log."""
    starts = [i for i, attempt in enumerate(attempts) if attempt.attempt == 0]
    parts: list[Content] = []
    for attempt in attempts[starts[-1] if starts else 0 :]:
        mark = attempt_mark(attempt)
        errors = len(attempt.result.errors) if attempt.result is not None else 0
        count = str(errors) if errors and mark is BAD else ""
        parts.append(row(f"{attempt.label} ", (f"{count}{mark.sign}", f"{mark.style} bold")))
    prefix = "after changes: " if len(starts) > 1 else ""
    return Line(row((prefix, "$text-muted"), row((" │ ", "$text-muted")).join(parts)))


def _command(attempt: CheckAttempt) -> str:
    if attempt.result is not None and attempt.result.commands:
        return attempt.result.shown_command
    return " && ".join(" ".join(argv) for argv in attempt.commands) or "no check applies"


def short_command(command: str) -> str:
    """A long command with `…` for its options: which program, on what."""
    if len(command) <= SHORT_COMMAND:
        return command
    words = ["…" if word.startswith("-") else word for word in command.split(" ")]
    return " ".join(
        word for word, before in zip(words, ["", *words], strict=False) if word != "…" or before != "…"
    )


def _output(output: str, attempt: CheckAttempt) -> Iterator[Line]:
    """What the check says while it runs, without the commands that stand above already."""
    commands = {f"$ {' '.join(argv)}" for argv in attempt.commands}
    for text in output.split("\n")[-40:]:
        if text and text not in commands:
            yield Line(row(text))
