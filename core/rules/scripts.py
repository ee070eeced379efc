"""Scripts that run without a question: those of an installation, and those of the checks and the tests.

A command of the profile such as `pnpm check-types` is allowed for what the script does when the run starts.
What the script becomes is another command, so a person decides on it; unless it only runs a tool that is
installed anyway, without a word that a shell reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256

from core.domain import value
from core.rules.base import RuleContext
from core.rules.dependency_source import read_json, strings, table
from core.rules.places import lines, name
from core.rules.settled import settled_texts

_OF_INSTALLATION = frozenset(
    {"preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare", "prepublish", "prepack"}
    | {"postpack", "dependencies", "pnpm:devPreinstall"}
)
_OF_CHECKS = re.compile(
    r"tests?|lints?|tsc|types?|(?:test|lint|check|type|types|ts|tsc)[:-]?(?:check|types?|ts|tsc|unit|all|ci|run)"
    r"|check|verify"
)
_PLAIN = re.compile(
    r"(?:tsc|vue-tsc|tsgo|vitest|jest|mocha|ava|eslint|biome|prettier|oxlint)(?: [\w./=:@*,+'\"-]+)*"
)
_LEADS_OUT = re.compile(r"\.\.|[ ='\"]/|://")
# What a package manager runs beside the scripts, by its settings.
_SETTINGS = frozenset({".npmrc", ".yarnrc", ".yarnrc.yml"})
_SETTING = re.compile(
    r"(?i)^\s*[\"']?((?:enable-pre-post|ignore|enable-?)-?scripts|script-shell|shell-emulator|node-options|yarn-?path"
    r"|(?:global-)?pnpmfile|onload-script)[\"']?\s*[=:]\s*(\S.*?)\s*$"
)
# Code that it runs by itself.
_HOOKS = frozenset({".pnpmfile.cjs", ".pnpmfile.mjs", "pnpmfile.js"})


@value
class Script:
    """`command` is what a shell runs; for a file that is run as a whole, its hash."""

    name: str
    command: str

    @property
    def named(self) -> str:
        return f"{self.name}: {self.command}"


def unsettled_scripts(path: str, before: str | None, after: str, context: RuleContext) -> Iterator[Script]:
    """The scripts at `path` that run by themselves or by an allowed command, are new or other than they were,
    and that nobody decided on. Only their very words settle one."""
    had = set(_guarded(path, before or ""))
    for script in _guarded(path, after):
        if script in had or _is_plain(script):
            continue
        if not (context.approves("script", path, script.named) or _is_settled(script, context)):
            yield script


def is_guarded(script: str) -> bool:
    """Whether a script of this name runs without a question."""
    bare = re.sub(r"^(?:pre|post)(?=.)", "", script)
    return script in _OF_INSTALLATION or any(_OF_CHECKS.fullmatch(each) for each in (script, bare))


def _guarded(path: str, text: str) -> Iterator[Script]:
    if name(path) in _HOOKS and text:
        yield Script(name=name(path), command=f"sha256 {sha256(text.encode('utf-8', 'replace')).hexdigest()}")
    elif name(path) in _SETTINGS:
        said = map(_SETTING.match, lines(text))
        yield from (Script(name=setting[1], command=setting[2]) for setting in said if setting)
    elif name(path) == "package.json":
        read = read_json(text)
        scripts = {key: each for key, each in table(read, "scripts").items() if isinstance(each, str)}
        for key in _reached(scripts):
            yield Script(name=key, command=scripts[key])
        for built in strings(table(read, "pnpm").get("onlyBuiltDependencies")):
            yield Script(name="installation", command=f"of {built}")


def _reached(scripts: dict[str, str]) -> list[str]:
    """The guarded scripts and those that they name, in the order of the file."""
    reached = {key for key in scripts if is_guarded(key)}
    waiting = list(reached)
    while waiting:
        said = set(re.split(r"[\s;&|\"'()]+", scripts[waiting.pop()]))
        for key in said & (scripts.keys() - reached):
            around = {f"pre{key}", f"post{key}"} & scripts.keys()
            waiting += {key, *around} - reached
            reached |= {key, *around}
    return [key for key in scripts if key in reached]


def _is_plain(script: Script) -> bool:
    parts = script.command.split(" && ")
    is_tools = all(_PLAIN.fullmatch(part) for part in parts) and not _LEADS_OUT.search(script.command)
    return is_tools and script.name not in _OF_INSTALLATION


def _is_settled(script: Script, context: RuleContext) -> bool:
    wanted = re.compile(rf"(?<![\w/]){re.escape(script.command.casefold())}(?![\w/])")
    return bool(script.command) and any(
        text.names(wanted) and script.name.casefold() in f"{text.asked} {text.named}"
        for text in settled_texts(context, about=script.command)
    )
