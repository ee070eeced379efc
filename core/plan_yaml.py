"""PLAN.yaml: `steps[]` with id, description, files and dependencies (SPEC 12)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from core.criteria import criteria_in
from core.domain import Criterion, JsonObject, Plan, Section, Step
from core.named_files import files_listed, writable
from core.yaml_file import YamlFault, expect_mapping, parse_yaml

if TYPE_CHECKING:
    from yaml import Node

STEP_LISTS = ("steps", "implementation_steps", "chunks", "tasks")
FILE_LISTS = ("files_to_change", "files_to_touch", "files_to_create", "files_to_modify", "files")
CRITERIA_LISTS = ("acceptance_criteria", "acceptance_criteria_map", "acs")


def parse_plan_yaml(text: str, source: str) -> Plan:
    """The plan in a YAML text. Invalid YAML gives a Plan with the text and a warning, no steps."""
    try:
        data = expect_mapping(parse_yaml(text, source), source)
    except YamlFault as fault:
        return Plan(source=source, text=text, warnings=(str(fault),))
    top = _top(text)
    rows = list(_rows(data, top))
    steps = tuple(_step(row, ids, line) for row, ids, line in _with_ids(rows))
    files = [f for row, _, _ in rows for f in _files(row.get("files"))]
    files += [f for name in FILE_LISTS for f in _files(data.get(name))]
    warnings = [] if steps else [f"{source}: no steps found"]
    return Plan(
        source=source,
        text=text,
        title=_text(data.get("title")) or _text(data.get("story_id")),
        steps=_known_dependencies(steps),
        acceptance_criteria=tuple(_criteria(data)),
        sections=tuple(Section(level=1, title=str(k.value), line=_line(k)) for k, _ in _pairs(top)),
        files=writable(files),
        warnings=tuple(warnings),
    )


# --- nodes: they know the line, and an id such as `1.10` as it was written ---------------


def _top(text: str) -> Node | None:
    import yaml

    # The text has passed the bounds of parse_yaml.
    return yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _line(node: Node | None) -> int:
    return 1 if node is None else node.start_mark.line + 1


def _pairs(node: Node | None) -> list[tuple[Node, Node]]:
    import yaml

    return node.value if isinstance(node, yaml.MappingNode) else []


def _child(node: Node | None, key: str) -> Node | None:
    return next((value for name, value in _pairs(node) if name.value == key), None)


def _rows(data: JsonObject, node: Node | None) -> Iterator[tuple[JsonObject, str | None, int]]:
    """Every step as (its mapping, its id as written, its line), those of `phases[]` in their order."""
    for name in STEP_LISTS:
        if data.get(name):
            yield from _rows_of(data[name], _child(node, name))
            return
    phases = data.get("phases")
    nodes = _items(_child(node, "phases"))
    for phase, each in zip(phases if isinstance(phases, list) else [], nodes, strict=False):
        if isinstance(phase, dict):
            yield from _rows(phase, each)


def _items(node: Node | None) -> list[Node]:
    import yaml

    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _rows_of(steps: object, node: Node | None) -> Iterator[tuple[JsonObject, str | None, int]]:
    if isinstance(steps, dict):  # `1: {...}`, `A1: text`
        lines = {name.value: _line(name) for name, _ in _pairs(node)}
        for key, each in steps.items():
            yield _as_mapping(each), key, lines.get(key, _line(node))
    elif isinstance(steps, list):
        for each, child in zip(steps, _items(node), strict=True):
            yield _as_mapping(each), _written_id(child), _line(child)


def _written_id(step: Node) -> str | None:
    import yaml

    given = (_child(step, name) for name in ("id", "step", "chunk"))
    return next((str(node.value) for node in given if isinstance(node, yaml.ScalarNode)), None)


def _as_mapping(step: object) -> JsonObject:
    return step if isinstance(step, dict) else {"description": step}


def _with_ids(rows: list[tuple[JsonObject, str | None, int]]) -> Iterator[tuple[JsonObject, str, int]]:
    taken: set[str] = set()
    for place, (row, written, line) in enumerate(rows, 1):
        name = written or str(place)
        while name in taken:
            name = f"{name}-{place}"
        taken.add(name)
        yield row, name, line


# --- values -----------------------------------------------------------------------------


def _step(row: JsonObject, id_: str, line: int) -> Step:
    description = _text(row.get("description"))
    title = (
        _text(row.get("title")) or _text(row.get("name")) or description or _text(row.get("action")) or id_
    )
    verification = row.get("verification") or row.get("verify")
    told = [row.get(name) for name in ("acs_covered", "acceptance_criteria", "acs", "acs_mapped")]
    return Step(
        id=id_,
        title=" ".join(title.split()),
        line=line,
        objective=_text(row.get("objective")) or description,
        files=tuple(dict.fromkeys(_files(row.get("files")))),
        verification="\n".join(_texts(verification)) or None,
        depends_on=tuple(_texts(row.get("dependencies") or row.get("depends_on"))),
        criteria=criteria_in(
            " ".join([title, description or "", *(t for each in told for t in _texts(each))])
        ),
    )


def _known_dependencies(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Steps that name others as `Step 2` name them as `2`; what is no step is left out."""
    from dataclasses import replace

    known = {step.id for step in steps}
    bare = [tuple(d.removeprefix("Step ").removeprefix("step ").strip() for d in s.depends_on) for s in steps]
    return tuple(
        replace(step, depends_on=tuple(d for d in names if d in known and d != step.id))
        for step, names in zip(steps, bare, strict=True)
    )


def _text(given: Any) -> str | None:
    return (
        str(given).strip() or None
        if isinstance(given, str | int | float) and not isinstance(given, bool)
        else None
    )


def _texts(given: object) -> list[str]:
    entries = given if isinstance(given, list) else [given]
    return [text for each in entries if (text := _text(each))]


def _files(given: object) -> Iterator[str]:
    """The paths of `files:`, each a text, or a mapping with `path`; those not changed are left out."""
    for entry in given if isinstance(given, list) else [given]:
        path = _changed_path(entry) if isinstance(entry, dict) else entry
        if isinstance(path, str):
            yield from files_listed(path)


def _changed_path(entry: JsonObject) -> object:
    unchanged = str(entry.get("action", "")).casefold() in ("read", "none", "no change", "reference")
    return None if unchanged else entry.get("path") or entry.get("file")


def _criteria(data: JsonObject) -> Iterator[Criterion]:
    given = next((data[name] for name in CRITERIA_LISTS if data.get(name)), None)
    entries = (
        list(given.items())
        if isinstance(given, dict)
        else list(enumerate(given))
        if isinstance(given, list)
        else []
    )
    for place, (key, entry) in enumerate(entries, 1):
        row = entry if isinstance(entry, dict) else {"text": entry}
        text = next(
            (
                t
                for name in ("text", "description", "criterion", "title", "planned_evidence")
                if (t := _text(row.get(name)))
            ),
            "",
        )
        named = _text(row.get("ac_id")) or _text(row.get("id")) or (key if isinstance(key, str) else text)
        ids = criteria_in(named)
        done = row.get("done") is True or str(row.get("status", "")).casefold() in (
            "done",
            "pass",
            "passed",
            "complete",
        )
        yield Criterion(id=ids[0] if ids else f"AC-{place}", text=text, done=done)
