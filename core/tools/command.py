"""run_command: an argv that the profile's templates allow; anything else is a decision (SPEC 6)."""

from __future__ import annotations

import shlex

from pydantic import Field

from core.domain import CommandTemplate, DecisionRequest, JsonObject, Option
from core.tools.base import Tool, ToolContext, ToolFailure, ToolInput, ToolResult

ONE = "{}"
REST = "{...}"


class RunCommandInput(ToolInput):
    argv: list[str] = Field(min_length=1, description="program and arguments; never a shell string")
    reason: str = Field(default="", description="why, if it is not one of the allowed commands")


class RunCommand(Tool[RunCommandInput]):
    name = "run_command"
    description = (
        "Runs an allowed command in the workspace (the prompt lists them) and gives its output. "
        "Anything else is put to the supervisor first."
    )
    input_type = RunCommandInput

    def shown(self, given: JsonObject) -> str:
        argv = given.get("argv")
        return "run " + (shlex.join(str(part) for part in argv) if isinstance(argv, list) else "?")

    async def run(self, given: RunCommandInput, context: ToolContext) -> ToolResult:
        context.require_open_chunk()
        argv = tuple(given.argv)
        if any("\0" in part for part in argv):
            raise ToolFailure("a command cannot contain NUL")
        if not any(matches(template, argv) for template in context.profile.commands):
            await _ask_to_run(argv, given.reason, context)
        run, output = await context.run_command(argv)
        text = f"[{run.result}, {run.duration_s:.1f} s]\n{output}".rstrip()
        return ToolResult(text=text)


def matches(template: CommandTemplate, argv: tuple[str, ...]) -> bool:
    """Whether `argv` is the template with its holes filled: `{}` one argument, `{...}` any number.

    An argument in a hole may not be an option (`-x`) for `{}`, so that a hole for a path can't
    become a flag.
    """
    at = 0
    for position, part in enumerate(template.argv):
        if part == REST:
            return position == len(template.argv) - 1
        if at >= len(argv):
            return False
        if part == ONE:
            if argv[at].startswith("-"):
                return False
        elif argv[at] != part:
            return False
        at += 1
    return at == len(argv)


async def _ask_to_run(argv: tuple[str, ...], reason: str, context: ToolContext) -> None:
    shown = shlex.join(argv)
    request = DecisionRequest(
        id=f"command:{context.call_id}",
        title=f"Run a command outside the templates: {shown}",
        context=reason or "The worker gave no reason.",
        options=(
            Option(id="1", label="Run it once", cons="it runs with your rights"),
            Option(id="2", label="Refuse", pros="nothing runs"),
        ),
        raised_by="engine",
        tier_view=4,
        risk="high",
        subject=shown,
        blocks=context.open_steps or (),
    )
    answer = await context.decide(request)
    if answer.option != "1":
        raise ToolFailure(f"not run: {answer.decision}. {answer.note}".strip())
