"""Sets one value in a YAML file's text and keeps every other byte, the value's own quotes too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.logs.yaml_list import line_end, next_line, on_new_line
from core.logs.yaml_place import Step, events_at, leaf_end, start_of, value_under
from core.yaml_file import YamlFault

if TYPE_CHECKING:
    from yaml import Event


def set_scalar(text: str, path: tuple[Step, ...], key: str, scalar: str, *, file: str) -> str:
    """`text` with `key` of the mapping at `path` set to `scalar`: a number, a time or a plain word.

    A mapping that lacks the key gets it behind its last one (it has one), in its own style. `text` has no
    byte order mark. Whether the result reads as it should is for the caller to see. Raises YamlFault where
    the mapping or the value is not written in the file itself, or in a form that can't be set.
    """
    import yaml

    events, _ = events_at(text, path, file)
    line = start_of(events[0]).line + 1
    fault = YamlFault(file, line, f"`{key}` can't be set in the form that the file has")
    if not isinstance(events[0], yaml.MappingStartEvent):
        raise fault
    found = value_under(events, 0, key)
    if found is None:
        return _with_key(text, events, f"{key}: {scalar}")
    if not isinstance(events[found], yaml.ScalarEvent):
        raise fault
    return _with_value(text, events[found], scalar, fault)


def _with_value(text: str, event: Any, scalar: str, fault: YamlFault) -> str:
    start, end = event.start_mark.index, event.end_mark.index
    if start == end:  # `key:` and nothing behind it
        return f"{text[:start]} {scalar}{text[start:]}"
    # The value stands last: before it there may be an anchor or a tag, around it quotes.
    at = text.rfind(event.value, start, end)
    if at < 0:
        raise fault
    return text[:at] + scalar + text[at + len(event.value) :]


def _with_key(text: str, events: Sequence[Event], pair: str) -> str:
    last = leaf_end(events[:-1])
    mapping: Any = events[0]
    if mapping.flow_style:
        return f"{text[:last]}, {pair}{text[last:]}"
    at = next_line(text, last)
    indent = " " * start_of(events[1]).column
    return f"{on_new_line(text[:at])}{indent}{pair}{line_end(text)}{text[at:]}"
