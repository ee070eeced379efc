"""What the rules found on the chunk's diff, and writes that the scope guard refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.content import Content

from core.domain import Finding
from tui.line import Line
from tui.marks import BAD, OK, WARN, Mark
from tui.panels.base import Panel, Shown
from tui.safe_text import row


class RulesPanel(Panel):
    KEY: ClassVar[str] = "rules"
    NAME: ClassVar[str] = "Rules"

    def slice(self, shown: Shown) -> tuple[object, ...]:
        if shown.chunk is None:
            return ()
        return (shown.chunk.findings, shown.chunk.denied, shown.chunk.round)

    def title(self, shown: Shown) -> Content:
        chunk = shown.chunk
        style = finding_mark(chunk.findings).style if chunk is not None else ""
        return row("Rules", (f" {self.badge(shown)}".rstrip(), style))

    def badge(self, shown: Shown) -> str:
        chunk = shown.chunk
        if chunk is None or not (chunk.round or chunk.findings):
            return ""
        return f"{len(chunk.findings) or ''}{finding_mark(chunk.findings).sign}"

    def lines(self, shown: Shown) -> Iterator[Line]:
        chunk = shown.chunk
        if chunk is not None:
            for finding in chunk.findings:
                yield from finding_lines(finding)
            for denied in chunk.denied:
                yield Line(row((f"{BAD.sign} refused ", BAD.style), denied.path), hang=2)
                yield Line(row("  ", (denied.reason, "$text-muted")), hang=2)
        if chunk is None or not chunk.round:
            yield Line(row(("Run when the chunk is closed.", "$text-muted")))
        elif not chunk.findings:
            yield Line(row((f"{OK.sign} no findings", OK.style)))


def finding_mark(findings: Sequence[Finding]) -> Mark:
    if not findings:
        return OK
    return BAD if any(f.severity == "block" for f in findings) else WARN


def finding_lines(finding: Finding) -> Iterator[Line]:
    mark = finding_mark((finding,))
    place = finding.path if finding.line is None else f"{finding.path}:{finding.line}"
    yield Line(
        row((f"{mark.sign} ", mark.style), (place, "bold"), (f" {finding.severity}", mark.style)), hang=2
    )
    yield Line(row("  ", finding.message, (f"  {finding.rule}", "$text-muted")), hang=2)
