"""Where a value stands in the text of a YAML file, as the parser's events say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.domain import value
from core.yaml_file import YamlFault

if TYPE_CHECKING:
    from yaml import Event


@value
class Place:
    """[start, end) of a value in the text, in characters. `column` is that of its mapping's keys; `dash`
    that of a block list's dashes, None for any other value."""

    start: int
    end: int
    column: int
    dash: int | None


def place_of(text: str, path: tuple[str, ...], file: str) -> Place:
    """The place of the value at `path`, keys from the top. Raises YamlFault where the text has no such key
    of its own (it may come from a merge or an alias)."""
    import yaml

    kinds = (yaml.NodeEvent, yaml.CollectionEndEvent)
    # The parser that reads the file: the two differ in what they take (`{question: Port?, a: b}`).
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        events = [event for event in yaml.parse(text, Loader=loader) if isinstance(event, kinds)]
    except yaml.YAMLError:
        raise YamlFault(file, None, "the form that it has can't be added to") from None
    at = column = 0
    for key in path:
        column = _start(events[at]).column
        found = _value_under(events, at, key)
        if found is None:
            raise YamlFault(file, None, f"`{key}` is not written in the file itself")
        at = found
    first = events[at]
    block = isinstance(first, yaml.SequenceStartEvent) and not first.flow_style
    return Place(
        start=_start(first).index,
        end=_leaf_end(events[at : _behind(events, at)]),
        column=column,
        dash=_start(first).column if block else None,
    )


def _start(event: Event) -> Any:
    return event.start_mark


def _value_under(events: Sequence[Event], mapping: int, key: str) -> int | None:
    import yaml

    if not isinstance(events[mapping], yaml.MappingStartEvent):
        return None
    at = mapping + 1
    while not isinstance(events[at], yaml.MappingEndEvent):
        if getattr(events[at], "value", None) == key:
            return at + 1
        at = _behind(events, at + 1)
    return None


def _behind(events: Sequence[Event], at: int) -> int:
    """The index behind the node that begins at `at`."""
    import yaml

    depth = 0
    while True:
        depth += isinstance(events[at], yaml.CollectionStartEvent)
        depth -= isinstance(events[at], yaml.CollectionEndEvent)
        at += 1
        if depth == 0:
            return at


def _leaf_end(events: Sequence[Event]) -> int:
    """Behind the last scalar, alias or closing bracket; a block's own end mark stands at the next token."""
    import yaml

    end = 0
    flows: list[bool] = []
    for event in events:
        if isinstance(event, yaml.CollectionStartEvent):
            flows.append(bool(event.flow_style))
        elif not isinstance(event, yaml.CollectionEndEvent) or flows.pop():
            mark: Any = event.end_mark
            end = mark.index
    return end
