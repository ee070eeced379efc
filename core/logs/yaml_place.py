"""Where a value stands in the text of a YAML file, as the parser's events say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from core.domain import value
from core.yaml_file import YamlFault

if TYPE_CHECKING:
    from yaml import Event


Step: TypeAlias = str | int  # a key of a mapping, or a position in a list


@value
class Place:
    """[start, end) of a value in the text, in characters. `column` is that of its mapping's keys; `dash`
    that of a block list's dashes, None for any other value. `last` is behind the last thing in a list."""

    start: int
    end: int
    column: int
    dash: int | None
    last: int


def place_of(text: str, path: tuple[Step, ...], file: str) -> Place:
    """The place of the value at `path`, from the top. Raises YamlFault where the text has no such key or
    position of its own (it may come from a merge or an alias)."""
    import yaml

    events, column = events_at(text, path, file)
    first = events[0]
    block = isinstance(first, yaml.SequenceStartEvent) and not first.flow_style
    return Place(
        start=start_of(first).index,
        end=leaf_end(events),
        column=column,
        dash=start_of(first).column if block else None,
        last=leaf_end(events[:-1]),
    )


def events_at(text: str, path: tuple[Step, ...], file: str) -> tuple[Sequence[Event], int]:
    """The parser's events of the value at `path`, and the column that its mapping or list begins in.

    Raises YamlFault as `place_of` does.
    """
    import yaml

    kinds = (yaml.NodeEvent, yaml.CollectionEndEvent)
    # The parser that reads the file: the two differ in what they take (`{question: Port?, a: b}`).
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        events = [event for event in yaml.parse(text, Loader=loader) if isinstance(event, kinds)]
    except yaml.YAMLError:
        raise YamlFault(file, None, "the form that it has can't be added to") from None
    at = column = 0
    for step in path:
        column = start_of(events[at]).column
        found = value_under(events, at, step)
        if found is None:
            raise YamlFault(file, None, f"`{step}` is not written in the file itself")
        at = found
    return events[at : _behind(events, at)], column


def start_of(event: Event) -> Any:
    return event.start_mark


def value_under(events: Sequence[Event], at: int, step: Step) -> int | None:
    """The index of the value that the mapping or list at index `at` has under `step`."""
    import yaml

    if isinstance(step, int):
        return _item(events, at, step)
    if not isinstance(events[at], yaml.MappingStartEvent):
        return None
    at += 1
    while not isinstance(events[at], yaml.MappingEndEvent):
        if getattr(events[at], "value", None) == step:
            return at + 1
        at = _behind(events, at + 1)
    return None


def _item(events: Sequence[Event], at: int, position: int) -> int | None:
    import yaml

    if not isinstance(events[at], yaml.SequenceStartEvent):
        return None
    at += 1
    for _ in range(position):
        if isinstance(events[at], yaml.SequenceEndEvent):
            return None
        at = _behind(events, at)
    return None if isinstance(events[at], yaml.SequenceEndEvent) else at


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


def leaf_end(events: Sequence[Event]) -> int:
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
