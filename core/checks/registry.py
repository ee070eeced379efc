"""All checkers by name, which of them a chunk needs, and how their commands are run and compared."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from core.checks.base import CheckCommand, Checker
from core.checks.command import CommandCheck, shared_environment_fault
from core.checks.diagnostics import failure_without_diagnostic
from core.checks.python_types import PythonTypesCheck
from core.checks.typescript import TypeScriptCheck
from core.checks.warm import WarmCheckers
from core.checks.warm_mypy import WarmFault
from core.domain import CheckResult, CommandRun, Diagnostic, Sha, value
from core.process import ProcessResult, find_program, run_process

CHECKERS: dict[str, Checker] = {
    "typescript": TypeScriptCheck(),
    "python": PythonTypesCheck(),
    "command": CommandCheck(),
}
AUTO = ("typescript", "python")


def commands_for(
    root: Path, changed: Sequence[str], configured: tuple[tuple[str, ...], ...], names: tuple[str, ...]
) -> tuple[CheckCommand, ...]:
    """The commands that check the changed files (workspace-relative), in order; () when none applies.

    `configured` argvs replace everything else. `names` are the profile's: checkers, or `auto` for those
    that the workspace configures. Raises ValueError, one line, for a name that is no checker.
    """
    if configured:
        return CommandCheck(configured).commands(root, changed)
    wanted = dict.fromkeys(n for name in names for n in (AUTO if name == "auto" else (name,)))
    if unknown := [name for name in wanted if name not in AUTO]:
        raise ValueError(f'unknown check "{unknown[0]}": expected auto, {" or ".join(AUTO)}')
    checkers = [CHECKERS[name] for name in wanted]
    return tuple(
        c for checker in checkers if checker.applies(root, changed) for c in checker.commands(root, changed)
    )


async def run_check(
    root: Path,
    commands: Sequence[CheckCommand],
    *,
    environ: Mapping[str, str],
    timeout_s: float,
    on_output: Callable[[str], None] | None,
    put_blob: Callable[[bytes], Sha],
    warm: WarmCheckers | None = None,
) -> CheckResult:
    """Runs the commands one after the other, `timeout_s` each, until the environment fails one.

    `on_output` gets each command line and its output as it comes; `put_blob` keeps the same text whole.
    With `warm` their incremental forms are run where there are some, and the cold command where one fails.
    """
    started = time.monotonic()
    run = _Runner(root, environ, timeout_s, on_output)
    outcomes: list[_Outcome] = []
    # What is known to be missing is told before minutes are spent on the rest.
    for command in sorted(commands, key=lambda command: command.missing is None):
        outcomes.append(await (run.warm(command, warm) if warm else run.cold(command)))
        if outcomes[-1].environment_fault:
            break
    diagnostics = dict.fromkeys(d for outcome in outcomes for d in outcome.diagnostics)
    return CheckResult(
        commands=tuple(outcome.run for outcome in outcomes),
        diagnostics=tuple(diagnostics),
        environment_fault=outcomes[-1].environment_fault if outcomes else None,
        output=put_blob("".join(outcome.text for outcome in outcomes).encode("utf-8", "replace"))
        if outcomes
        else None,
        duration_s=time.monotonic() - started,
    )


def compare(before: CheckResult | None, after: CheckResult) -> tuple[int, int, int]:
    """(fixed, new, remaining) errors of `after` against the attempt before.

    Errors are the same when path, code and message are, wherever their line has moved to. A check that
    the environment did not let happen says nothing: all that was before remains.
    """
    was = _errors(before)
    if after.environment_fault:
        return 0, 0, was.total()
    now = _errors(after)
    return (was - now).total(), (now - was).total(), (was & now).total()


def _errors(result: CheckResult | None) -> Counter[tuple[str | None, str | None, str]]:
    errors = result.errors if result else ()
    # mypy's messages name other lines: `already defined on line 12`.
    return Counter((e.path, e.code, re.sub(r"\bline \d+", "line", e.message)) for e in errors)


@value
class _Outcome:
    run: CommandRun
    text: str
    diagnostics: tuple[Diagnostic, ...] = ()
    environment_fault: str | None = None


class _Runner:
    """Runs one command after the other, in its cold or its incremental form."""

    def __init__(
        self,
        root: Path,
        environ: Mapping[str, str],
        timeout_s: float,
        on_output: Callable[[str], None] | None,
    ) -> None:
        self._root = root
        self._environ = environ
        self._timeout_s = timeout_s
        self._on_output = on_output

    async def warm(self, command: CheckCommand, warm: WarmCheckers) -> _Outcome:
        """The incremental form's outcome where it is a verdict, else that of the cold command."""
        before = ""
        try:
            form = await warm.form_of(command)
            if isinstance(form, CheckCommand):
                outcome = await self.cold(form)
                if _is_verdict(form, outcome):
                    return outcome
                before, form = outcome.text, ""
                if outcome.environment_fault:
                    raise WarmFault(outcome.environment_fault)
        except WarmFault as fault:
            form = f"the incremental check could not run: {fault}"
            warm.give_up(command, form)
        outcome = await self.cold(command, why=form)
        return replace(outcome, text=before + outcome.text)

    async def cold(self, command: CheckCommand, why: str = "") -> _Outcome:
        """Runs the command as it is. `why` is shown: the reason why it is not run incrementally."""
        header = f"$ {' '.join(command.argv)}\n" + (f"# not incremental: {why}\n" if why else "")
        if self._on_output:
            self._on_output(header)
        program = None
        if command.missing is None:
            program = find_program(command.argv[0], self._root, self._environ, inside=command.cwd)
        if program is None:
            fault = command.missing or f"{command.argv[0]} was not found"
            run = CommandRun(argv=command.argv, cwd=command.cwd, exit_code=None, duration_s=0.0, fault=fault)
            return _Outcome(run=run, text=header, environment_fault=fault)
        result = await run_process(
            (program, *command.argv[1:]),
            self._root / command.cwd,
            environ=self._environ,
            timeout_s=self._timeout_s,
            on_output=self._on_output,
        )
        return _read(self._root, command, result, header)


def _is_verdict(form: CheckCommand, outcome: _Outcome) -> bool:
    """Whether an incremental form's outcome can stand for the cold command's. A failure must be of files:
    options that this tsc refuses, say, are not."""
    if outcome.environment_fault is not None:
        return False
    if outcome.run.exit_code == 0:
        return True
    errors = [d for d in outcome.diagnostics if d.severity == "error"]
    return not form.only_pass and bool(errors) and all(e.path for e in errors)


def _read(root: Path, command: CheckCommand, result: ProcessResult, header: str) -> _Outcome:
    checker = CHECKERS[command.checker]
    run = CommandRun(
        argv=command.argv,
        cwd=command.cwd,
        exit_code=result.exit_code,
        duration_s=result.duration_s,
        fault=result.fault,
    )
    diagnostics = checker.parse(command, result.output, root)
    fault = f"{command.argv[0]}: {_why_ended(result)}" if result.fault else None
    if fault is None and result.exit_code != 0:
        fault = checker.environment_fault(command, result.exit_code, result.output)
        if fault is None and not any(d.severity == "error" for d in diagnostics):
            told = failure_without_diagnostic(run.shown, result.exit_code, result.output)
            diagnostics = (*diagnostics, told)
    text = header + result.output
    return _Outcome(
        run=run,
        text=text if text.endswith("\n") else f"{text}\n",
        diagnostics=diagnostics,
        environment_fault=fault,
    )


def _why_ended(result: ProcessResult) -> str | None:
    """A signal says little where the program itself said why it ended (node, when memory runs out)."""
    by_signal = (result.fault or "").startswith("ended by ")
    return (shared_environment_fault(result.output) if by_signal else None) or result.fault
