"""What the rules found on the chunk's diff, and writes that the scope guard refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.content import Content

from core.domain import Finding
from tui.line import Line
from tui.marks import BAD, OK, WARN
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
        if chunk is None or not (chunk.round or chunk.findings):
            return row("Rules")
        if not chunk.findings:
            return row("Rules ", (OK.sign, OK.style))
        blocks = any(f.severity == "block" for f in chunk.findings)
        mark = BAD if blocks else WARN
        return row("Rules ", (f"{len(chunk.findings)}{mark.sign}", mark.style))

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


def finding_lines(finding: Finding) -> Iterator[Line]:
    mark = BAD if finding.severity == "block" else WARN
    place = finding.path if finding.line is None else f"{finding.path}:{finding.line}"
    yield Line(
        row((f"{mark.sign} ", mark.style), (place, "bold"), (f" {finding.severity}", mark.style)), hang=2
    )
    yield Line(row("  ", finding.message, (f"  {finding.rule}", "$text-muted")), hang=2)
