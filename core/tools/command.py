"""run_command: an argv that the profile's templates allow; anything else is a decision (SPEC 6)."""

from __future__ import annotations

import re
import shlex

from pydantic import Field

from core.command_words import command_words
from core.domain import ALLOW, CommandTemplate, JsonObject
from core.tools.base import Tool, ToolContext, ToolFailure, ToolInput, ToolResult
from core.tools.questions import command_question

ONE = "{}"
PACKAGE = "{package}"
REST = "{...}"
# As npm names packages. pnpm's filters can do more: globs, folders, everything that changed.
PACKAGE_NAME = re.compile(r"(?:@[a-z0-9~][\w.~-]*/)?[a-z0-9~][\w.~-]*", re.IGNORECASE | re.ASCII)
# An absolute path, `~` or `..`, also behind the `{`, `=` or `:` of a program's own notation.
LEAVES = re.compile(r"(?:^|[^\w.*/\-])/|^~|^[A-Za-z]:\\|(?:^|[^\w.\-])\.\.(?![\w.])")


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
        allowed = any(matches(template, argv) for template in context.profile.commands)
        if not allowed:
            await _ask_to_run(argv, given.reason, context)
        run, output = await context.run_command(argv, not allowed)
        return ToolResult(text=command_words(run, output))


def matches(template: CommandTemplate, argv: tuple[str, ...]) -> bool:
    """Whether `argv` is the template with its holes filled (`CommandTemplate`).

    What fills a hole can't be an option (those of the template apart), can't leave the workspace and can't
    name a file of arguments (`@file`): each of them would make another command of this one.
    """
    given = list(argv)
    for part in template.argv:
        if part == REST:
            return _all_admitted(given, template.options)
        if not given or not _fills(part, given.pop(0)):
            return False
    return not given


def _fills(part: str, argument: str) -> bool:
    if part == ONE:
        return _is_plain(argument)
    if part == PACKAGE:
        return PACKAGE_NAME.fullmatch(argument) is not None
    return argument == part


def _all_admitted(given: list[str], options: tuple[str, ...]) -> bool:
    flags = {option for option in options if " " not in option}
    valued = {option.split()[0] for option in options if " " in option}
    while given:
        argument = given.pop(0)
        name, equals, value = argument.partition("=")
        if argument in valued:
            if not given or not _is_plain(given.pop(0)):
                return False
        elif equals and name in valued and name.startswith("--"):
            if not _is_plain(value):
                return False
        elif argument not in flags and not _is_plain(argument):
            return False
    return True


def _is_plain(argument: str) -> bool:
    return not argument.startswith(("-", "@")) and not LEAVES.search(argument)


async def _ask_to_run(argv: tuple[str, ...], reason: str, context: ToolContext) -> None:
    answer = await context.decide(command_question(argv, reason, context))
    if answer.option != ALLOW:
        raise ToolFailure(f"not run: {answer.decision}. {answer.note}".strip())
