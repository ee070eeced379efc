"""The front matter of a worker profile, key by key: InputFault names file, key and what was expected."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from core.domain import CommandTemplate, ScopeGlobs
from core.story import InputFault

RuleSetting: TypeAlias = tuple[str, Literal["block", "warn", "off"]]

COMMAND_KEYS = frozenset(["name", "argv", "description", "options"])
COMMAND_OPTION = re.compile(r"--?[A-Za-z0-9][\w-]*( \{\})?")
MCP_TOOL = re.compile(r"[A-Za-z0-9][\w-]{0,60}(__[\w-]{1,100})?")
KB_TOOLS = ("kb_search",)
READ_ONLY = "read-only"
LEVELS = ("code-write", READ_ONLY)


class Front:
    """The mapping of one file, with readers that say what is wrong with it."""

    def __init__(self, raw: dict[str, object], file: str) -> None:
        self._raw = raw
        self._file = file

    def has(self, key: str) -> bool:
        return self._raw.get(key) is not None

    def text(self, key: str, *, required: bool = False) -> str:
        return self._text(self._raw, key, required=required)

    def texts(self, key: str) -> tuple[str, ...]:
        return self._texts(self._raw.get(key), key)

    def scope(self) -> ScopeGlobs:
        scope = self._mapping("scope")
        if unknown := sorted(str(key) for key in scope if key not in ("inside", "outside")):
            raise self._fault(f"`scope` has no key {unknown[0]!r}; known: inside, outside")
        return ScopeGlobs(
            inside=self._texts(scope.get("inside"), "scope.inside"),
            outside=self._texts(scope.get("outside"), "scope.outside"),
        )

    def rules(self) -> tuple[RuleSetting, ...]:
        settings: list[RuleSetting] = []
        for rule, setting in self._mapping("rules").items():
            # YAML reads a bare `off` as false.
            match "off" if setting is False else setting:
                case "block":
                    settings.append((rule, "block"))
                case "warn":
                    settings.append((rule, "warn"))
                case "off":
                    settings.append((rule, "off"))
                case _:
                    raise self._fault(f"rule `{rule}` should be block, warn or off")
        return tuple(settings)

    def commands(self) -> tuple[CommandTemplate, ...]:
        found = self._raw.get("commands")
        if found is None:
            return ()
        if not isinstance(found, list):
            raise self._fault("`commands` should be a list of {name, argv}")
        return tuple(self._command(item) for item in found)

    def may_write(self) -> bool:
        """What `permission_level` says; `code-write` where it is not given."""
        level = self.text("permission_level") or LEVELS[0]
        if level not in LEVELS:
            raise self._fault(f"`permission_level` is {level!r}, expected one of {', '.join(LEVELS)}")
        return level != READ_ONLY

    def mcp_tools(self) -> tuple[str, ...]:
        names = self.texts("mcp_tools")
        wrong = next((name for name in names if not MCP_TOOL.fullmatch(name)), None)
        if wrong is not None:
            raise self._fault(f"`mcp_tools` has {wrong!r}, expected a server's name, or server__tool")
        return names

    def wants_kb(self) -> bool:
        """Whether the knowledge base is looked into: yes, unless `kb_tools` is an empty list."""
        if self._raw.get("kb_tools") is None:
            return "kb_tools" not in self._raw
        names = self.texts("kb_tools")
        wrong = next((name for name in names if name not in KB_TOOLS), None)
        if wrong is not None:
            raise self._fault(f"unknown tool {wrong!r} in `kb_tools`; known: {', '.join(KB_TOOLS)}")
        return bool(names)

    # --- parts --------------------------------------------------------------------------

    def _command(self, item: object) -> CommandTemplate:
        if not isinstance(item, dict):
            raise self._fault("a command is {name, argv}")
        if unknown := sorted(str(key) for key in item if key not in COMMAND_KEYS):
            raise self._fault(
                f"a command has no key {unknown[0]!r}; known: {', '.join(sorted(COMMAND_KEYS))}"
            )
        argv = self._texts(item.get("argv"), "commands.argv")
        if not argv:
            raise self._fault("a command needs an `argv`, a list of texts (never a shell string)")
        return CommandTemplate(
            name=self._text(item, "name", required=True),
            argv=argv,
            description=self._text(item, "description"),
            options=self._options(item, argv),
        )

    def _options(self, item: dict[str, object], argv: tuple[str, ...]) -> tuple[str, ...]:
        options = self._texts(item.get("options"), "commands.options")
        if "{...}" in argv[:-1]:
            raise self._fault("in a command's `argv` {...} is the last part")
        if options and argv[-1] != "{...}":
            raise self._fault("only a command that ends in {...} takes `options`")
        wrong = next((option for option in options if not COMMAND_OPTION.fullmatch(option)), None)
        if wrong is not None:
            raise self._fault(f"the option {wrong!r} should read -q, or -k {{}} for one with a value")
        return options

    def _text(self, raw: dict[str, object], key: str, *, required: bool = False) -> str:
        found = raw.get(key)
        if found is None and not required:
            return ""
        if not isinstance(found, str) or not found.strip():
            raise self._fault(f"`{key}` should be text")
        return found

    def _texts(self, found: object, key: str) -> tuple[str, ...]:
        if found is None:
            return ()
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            raise self._fault(f"`{key}` should be a list of texts")
        return tuple(found)

    def _mapping(self, key: str) -> dict[str, object]:
        found = self._raw.get(key) or {}
        if not isinstance(found, dict):
            raise self._fault(f"`{key}` should be a mapping")
        return found

    def _fault(self, what: str) -> InputFault:
        return InputFault(f"{self._file}: {what}")
