"""The file of a scripted model: its values, and the reader that says what is wrong with it.

```yaml
schema: 1
chunks:                    # one group of replies for each chunk in order, the last one for completion
  - replies:
      - think: "..."       # optional
        say: "..."         # optional
        when: "regex"      # optional (RE2): used only if the last user message matches it, else skipped
        calls:             # optional, in order; each is `tool: input`
          - open_chunk: {name: ...}
        stop_reason: ...   # optional; `tool_use` where there are calls, else `end_turn`
      - fault: overloaded  # raised once in a process, then the next entry is used
otherwise:                 # optional: the reply where a group has none (left) that applies
  say: ...
```
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn, TypeAlias, get_args

from core.domain import JsonObject, value
from core.models.base import FaultKind
from core.yaml_file import YamlFault, load_yaml


@value
class ScriptedCall:
    name: str
    input: JsonObject


@value
class ScriptedReply:
    """Has at least one of `think`, `say` and `calls`."""

    think: str = ""
    say: str = ""
    when: str | None = None
    calls: tuple[ScriptedCall, ...] = ()
    stop_reason: str | None = None

    @property
    def words(self) -> str:
        """What a reply without calls is known by when it comes back in a conversation."""
        return self.say or self.think


@value
class ScriptedFault:
    kind: FaultKind


Entry: TypeAlias = ScriptedReply | ScriptedFault


@value
class Script:
    """`groups[n]` answers while n chunks are approved. `file` is its name, for messages."""

    file: str
    groups: tuple[tuple[Entry, ...], ...]
    otherwise: ScriptedReply | None = None


class _Wrong(Exception):
    """A shape that is not as the format says; `str()` is where, and what was expected."""


def load_script(path: Path) -> Script:
    """Reads a script. Raises YamlFault, one line, when it can't be read or is not of the format above."""
    document = load_yaml(path)
    try:
        return _script(document, path.name)
    except _Wrong as wrong:
        raise YamlFault(str(path), None, str(wrong)) from None


def _script(document: object, file: str) -> Script:
    parts = _mapping(document, "the script", ("schema", "chunks", "otherwise"))
    if parts.get("schema") != 1:
        _wrong("schema", "1")
    groups = [_group(group, f"chunks[{n}]") for n, group in _numbered(parts.get("chunks"), "chunks")]
    otherwise = _reply(parts["otherwise"], "otherwise") if parts.get("otherwise") is not None else None
    for n, group in enumerate(groups, 1):
        _check_distinct((*group, otherwise) if otherwise else group, f"chunks[{n}]")
    return Script(file=file, groups=tuple(groups), otherwise=otherwise)


def _group(group: object, where: str) -> tuple[Entry, ...]:
    replies = _mapping(group, where, ("replies",)).get("replies")
    where = f"{where}.replies"
    return tuple(_entry(entry, f"{where}[{n}]") for n, entry in _numbered(replies, where))


def _entry(entry: object, where: str) -> Entry:
    if isinstance(entry, dict) and "fault" in entry:
        kind = _mapping(entry, where, ("fault",))["fault"]
        if kind not in get_args(FaultKind):
            _wrong(f"{where}.fault", f"one of {', '.join(get_args(FaultKind))}")
        return ScriptedFault(kind=kind)
    return _reply(entry, where)


def _reply(entry: object, where: str) -> ScriptedReply:
    parts = _mapping(entry, where, ("think", "say", "when", "calls", "stop_reason"))
    calls = parts.get("calls")
    reply = ScriptedReply(
        think=_text(parts, "think", where) or "",
        say=_text(parts, "say", where) or "",
        when=_pattern(_text(parts, "when", where), f"{where}.when"),
        calls=()
        if calls is None
        else tuple(_call(c, f"{where}.calls[{n}]") for n, c in _numbered(calls, where)),
        stop_reason=_text(parts, "stop_reason", where),
    )
    if not reply.words and not reply.calls:
        _wrong(where, "at least one of think, say and calls")
    return reply


def _call(call: object, where: str) -> ScriptedCall:
    if not isinstance(call, dict) or len(call) != 1:
        _wrong(where, "one `tool: input`")
    name, given = next(iter(call.items()))
    if given is not None and not isinstance(given, dict):
        _wrong(f"{where}.{name}", "a mapping, the tool's input")
    return ScriptedCall(name=name, input=given or {})


def _pattern(pattern: str | None, where: str) -> str | None:
    """A `when` that RE2 can take: found out now, not in the middle of a run."""
    if pattern is not None:
        import re2

        try:
            re2.compile(pattern)
        except re2.error as error:
            raise _Wrong(f"{where}: RE2 can't take this pattern: {error}") from None
    return pattern


def _check_distinct(entries: Iterable[Entry], where: str) -> None:
    """Replies without calls are found again by their words alone, so no two may say the same."""
    seen: set[str] = set()
    for entry in entries:
        if isinstance(entry, ScriptedFault) or entry.calls:
            continue
        if entry.words in seen:
            _wrong(where, "no two replies without calls that say the same")
        seen.add(entry.words)


def _mapping(value: object, where: str, keys: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, dict):
        _wrong(where, f"a mapping with {', '.join(keys)}")
    for key in value:
        if key not in keys:
            raise _Wrong(f"{where}: unknown key {key!r}; expected {', '.join(keys)}")
    return value


def _numbered(value: object, where: str) -> Iterable[tuple[int, object]]:
    if not isinstance(value, list) or not value:
        _wrong(where, "a list with at least one entry")
    return enumerate(value, 1)


def _text(parts: dict[str, Any], key: str, where: str) -> str | None:
    text = parts.get(key)
    if text is not None and not (isinstance(text, str) and text.strip()):
        _wrong(f"{where}.{key}", "text")
    return text


def _wrong(where: str, expected: str) -> NoReturn:
    raise _Wrong(f"{where}: expected {expected}")
