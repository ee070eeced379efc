"""The check of a chunk: which commands, cold or warm, run with live output, as one CheckResult (SPEC 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from core import events as ev
from core.blobs import Blobs
from core.checks import registry
from core.checks.base import CheckCommand
from core.checks.warm import WarmCheckers
from core.config import Settings
from core.domain import CheckResult
from core.stream import Stream
from core.untrusted import redact

WARM = "warm"


class CheckRunner:
    """`close` it at the run's end: the warm checkers are programs that stay."""

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
        self._warm = self._warm_checkers(stream) if settings.check_warm else None

    def _warm_checkers(self, stream: Stream) -> WarmCheckers:
        story = stream.state.story
        assert story is not None, "a run is of a story"
        stream.add_sink(self._begin_early)
        return WarmCheckers(
            self._root,
            # Not under the run's id: the same story is checked by the same commands. Its lock guards it.
            stream.folder.parent / WARM / story.id,
            environ=self._environ,
            timeout_s=self._settings.check_timeout_s,
            on_fallback=self._tell_of_fallback,
        )

    def _tell_of_fallback(self, text: str) -> None:
        self._stream.emit(ev.WarningRaised(text=redact(text)))

    def _begin_early(self, record: ev.Record) -> None:
        """While the worker still writes, the daemon reads the program that it will be asked about."""
        if self._warm is not None and isinstance(record.event, ev.FileChanged):
            for command in self._commands((record.event.change.path,)):
                self._warm.begin(command)

    def commands(self, changed: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        return tuple(command.argv for command in self._commands(changed))

    async def run(self, changed: tuple[str, ...], chunk: int, *, warm: bool) -> CheckResult:
        """The result without secrets: a failing check may well print the environment it failed in.

        `warm`: an incremental form of the commands will do, where there is one.
        """
        result = await registry.run_check(
            self._root,
            self._commands(changed),
            environ=self._environ,
            timeout_s=self._settings.check_timeout_s,
            on_output=lambda text: self._stream.tell(
                ev.OutputDelta(chunk=chunk, source="check", text=redact(text))
            ),
            put_blob=lambda data: self._blobs.put(redact(data.decode("utf-8")).encode("utf-8")),
            warm=self._warm if warm else None,
        )
        fault = result.environment_fault
        return replace(
            result,
            diagnostics=tuple(replace(d, message=redact(d.message)) for d in result.diagnostics),
            environment_fault=None if fault is None else redact(fault),
        )

    async def close(self) -> None:
        if self._warm is not None:
            await self._warm.close()

    def compare(self, before: CheckResult | None, after: CheckResult) -> tuple[int, int, int]:
        return registry.compare(before, after)

    def _commands(self, changed: tuple[str, ...]) -> tuple[CheckCommand, ...]:
        return registry.commands_for(self._root, changed, self._settings.check_commands, self._names)
