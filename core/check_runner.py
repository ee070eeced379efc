"""The check of a chunk: which commands, run with live output, as one CheckResult (SPEC 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from core import events as ev
from core.blobs import Blobs
from core.checks import registry
from core.checks.base import CheckCommand
from core.config import Settings
from core.domain import CheckResult
from core.stream import Stream
from core.untrusted import redact


class CheckRunner:
    def __init__(
        self,
        root: Path,
        stream: Stream,
        blobs: Blobs,
        *,
        environ: Mapping[str, str],
        settings: Settings,
        names: tuple[str, ...],
    ) -> None:
        self._root = root
        self._stream = stream
        self._blobs = blobs
        self._settings = settings
        self._names = names
        self._environ = environ

    def commands(self, changed: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        return tuple(command.argv for command in self._commands(changed))

    async def run(self, changed: tuple[str, ...], chunk: int) -> CheckResult:
        """The result without secrets: a failing check may well print the environment it failed in."""
        result = await registry.run_check(
            self._root,
            self._commands(changed),
            environ=self._environ,
            timeout_s=self._settings.check_timeout_s,
            on_output=lambda text: self._stream.tell(
                ev.OutputDelta(chunk=chunk, source="check", text=redact(text))
            ),
            put_blob=lambda data: self._blobs.put(redact(data.decode("utf-8")).encode("utf-8")),
        )
        fault = result.environment_fault
        return replace(
            result,
            diagnostics=tuple(replace(d, message=redact(d.message)) for d in result.diagnostics),
            environment_fault=None if fault is None else redact(fault),
        )

    def compare(self, before: CheckResult | None, after: CheckResult) -> tuple[int, int, int]:
        return registry.compare(before, after)

    def _commands(self, changed: tuple[str, ...]) -> tuple[CheckCommand, ...]:
        return registry.commands_for(self._root, changed, self._settings.check_commands, self._names)
