"""No new dependency or package without a settled decision that names it (SPEC 5.4, 6).

Another package of the same workspace (`workspace:*`) is reuse, not a dependency. A package that comes from
elsewhere than its registry (an alias, an address, a path outside) is one by its source, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.domain import Finding, RuleSeverity
from core.rules.base import ChangedFile, RuleContext
from core.rules.dependency_source import Dependency, folded, read_json, read_toml, table
from core.rules.found import found
from core.rules.manifests import dependencies_of
from core.rules.places import folders, is_fixture, lines, name
from core.rules.planned_files import planned_files
from core.rules.settled import path_or_below, quoted, settled_texts, word

_ENTRY = re.compile(r"[\w@][\w@./-]*")
_ABOUT_PACKAGES = re.compile(
    r"dependenc|package|librar|install|\bnpm\b|\bpnpm\b|\byarn\b|\bpip\b|\buv\b|\bpoetry\b"
)


class NewDependency:
    id = "dependency"
    severity: RuleSeverity = "block"
    title = "No new package or dependency without a settled decision"

    def check(self, files: tuple[ChangedFile, ...], context: RuleContext) -> Iterator[Finding]:
        for file in files:
            if file.after is None or is_fixture(file.path):
                continue
            packages = list(unsettled_dependencies(file.path, file.before, file.after, context))
            named = _named_lines(file) if packages else {}
            for package in packages:
                message = f"new dependency {package.named}: raise a decision first"
                yield found(self, file.path, named.get(folded(package.name or package.source)), message)
            yield from self._new_package(file, context)

    def _new_package(self, file: ChangedFile, context: RuleContext) -> Iterator[Finding]:
        if file.before is not None or name(file.path) not in ("package.json", "pyproject.toml"):
            return
        if file.path in planned_files(context.plan):
            return
        names = {_own_name(file.path, file.after or ""), "/".join(folders(file.path))} - {""}
        wanted = [path_or_below(name) for name in names]
        if not any(text.names(each) for text in settled_texts(context) for each in wanted):
            message = f"new package {' in '.join(sorted(names)) or 'at the root'}: raise a decision first"
            yield found(self, file.path, None, message)


def unsettled_dependencies(
    path: str, before: str | None, after: str, context: RuleContext
) -> Iterator[Dependency]:
    """What the manifest at `path` gains and nobody decided on, by name. Another source is another gain."""
    had = set(dependencies_of(path, before or ""))
    for gained in sorted(set(dependencies_of(path, after)) - had, key=lambda each: each.named):
        if not (context.approves("dependency", path, gained.named) or _is_settled(gained, context)):
            yield gained


def packages_of(path: str, text: str) -> Iterator[str]:
    """What the manifest at `path` depends on, as it is named in a question."""
    yield from (each.named for each in dependencies_of(path, text))


def _is_settled(gained: Dependency, context: RuleContext) -> bool:
    """Whether its name was decided on, and its very source if it has one."""
    from_source = not gained.source or any(
        text.names(re.compile(re.escape(gained.source.casefold())))
        for text in settled_texts(context, about=gained.source)
    )
    return from_source and (not gained.name or _is_settled_name(gained.name, context))


def _is_settled_name(package: str, context: RuleContext) -> bool:
    in_backticks, plain = quoted(package), word(package)
    return any(
        text.names(in_backticks)
        or (text.names(plain) and (not text.prose or _ABOUT_PACKAGES.search(text.named)))
        for text in settled_texts(context, about=package)
    )


def _own_name(path: str, text: str) -> str:
    read = read_json(text) if path.endswith(".json") else table(read_toml(text), "project")
    given = read.get("name")
    return given if isinstance(given, str) else ""


def _named_lines(file: ChangedFile) -> dict[str, int]:
    """The first added line that names each package, however its separators are written there, and each line
    as a whole."""
    written = lines(file.after or "")
    named: dict[str, int] = {}
    for n in sorted(file.added):
        for entry in (*_ENTRY.findall(written[n - 1]), written[n - 1].strip()):
            named.setdefault(folded(entry), n)
    return named
