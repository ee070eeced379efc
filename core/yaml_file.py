"""The one YAML loader for every file we did not write: bounded, strict, JSON-only.

Bounds are on size, depth, nodes and what aliases expand to, so that no file can exhaust memory or the
stack (RELIABILITY). Duplicate keys are refused. What a person wrote stays what they wrote: keys are
always strings, and dates, times such as `12:30`, `.inf` and `.nan` stay strings too. The values are
dict, list, str, int, float, bool and None, nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from core.domain import JsonObject
from core.untrusted import visible

if TYPE_CHECKING:
    from yaml import MappingNode, Node

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 64
MAX_NODES = 100_000
LARGEST = 1e300  # a number that JSON and `str()` still take
TAG = "tag:yaml.org,2002:"
PLAIN_TAGS = tuple(f"{TAG}{name}" for name in ("null", "bool", "int", "float", "str", "seq", "map"))
# YAML 1.1 without sexagesimal numbers, infinities and dates.
INTEGER = re.compile(r"[-+]?(?:0b[01]+|0x[0-9a-fA-F]+|0[0-7]+|0|[1-9][0-9]*(?:_[0-9]+)*)")
DECIMAL = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")


class _Mark(Protocol):
    """A place in the text; the C loader and the other have a class each. `line` counts from 0."""

    line: int


class YamlFault(Exception):
    """A YAML file that can't be read. `str()` is one line, `file:line: message`; `line` counts from 1."""

    def __init__(self, file: str, line: int | None, message: str) -> None:
        self.file = visible(file, keep_newlines=False)
        self.line = line
        self.message = visible(message, keep_newlines=False)
        place = self.file if line is None else f"{self.file}:{line}"
        super().__init__(f"{place}: {self.message}")


def load_yaml(path: Path) -> object:
    """The value in a file, None when it is empty. Raises YamlFault, also when it can't be read as UTF-8."""
    return parse_yaml(yaml_text(read_yaml(path), str(path)), str(path))


def read_yaml(path: Path) -> bytes:
    """The bytes of a file that is there and not too big. Raises YamlFault."""
    file = str(path)
    try:
        if not path.is_file():
            raise YamlFault(file, None, "not a file" if path.exists() else "no such file")
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise YamlFault(file, None, f"can't be read: {error.strerror or error}") from None
    if len(data) > MAX_BYTES:
        raise _too_big(file)
    return data


def yaml_text(data: bytes, file: str) -> str:
    """The text of a file's bytes, a byte order mark left out. Raises YamlFault where they are not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise YamlFault(file, line, "not UTF-8 text") from None


def parse_yaml(text: str, file: str) -> object:
    """The value of one YAML document, None when it is empty. `file` is for the message of YamlFault."""
    import yaml

    if len(text) > MAX_BYTES:
        raise _too_big(file)
    try:
        _check_bounds(text, file)
        return _value_of(text, file)
    except yaml.MarkedYAMLError as error:
        problem = ": ".join(part[:200] for part in (error.context, error.problem) if part)
        if "maximum nesting depth" in problem:  # libyaml's own limit, where it comes first
            problem = f"nested deeper than {MAX_DEPTH} levels"
        raise YamlFault(file, _line(error.problem_mark or error.context_mark), problem) from None
    except yaml.reader.ReaderError as error:
        line = text.encode("utf-8", "replace").count(b"\n", 0, error.position) + 1
        raise YamlFault(file, line, "a character that YAML does not allow") from None
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise YamlFault(file, line, "a character that YAML does not allow") from None


def expect_mapping(value: object, file: str) -> JsonObject:
    """`value` when it is a mapping (an empty file is an empty one), else a YamlFault."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise YamlFault(file, None, "expected a mapping (`key: value` lines) at the top")
    return value


def _too_big(file: str) -> YamlFault:
    return YamlFault(file, None, f"bigger than {MAX_BYTES // (1024 * 1024)} MiB")


def _line(mark: _Mark | None) -> int | None:
    return None if mark is None else mark.line + 1


def _loader(text: str) -> Any:
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    loader.yaml_constructors = {tag: loader.yaml_constructors[tag] for tag in PLAIN_TAGS} | {
        None: loader.yaml_constructors[None]
    }
    loader.yaml_implicit_resolvers = _resolvers(loader.yaml_implicit_resolvers)
    return loader


def _resolvers(standard: dict[str, list[tuple[str, Any]]]) -> dict[str, list[tuple[str, Any]]]:
    ours = {f"{TAG}int": re.compile(f"{INTEGER.pattern}$"), f"{TAG}float": re.compile(f"{DECIMAL.pattern}$")}
    kept = {*ours, f"{TAG}null", f"{TAG}bool", f"{TAG}merge"}
    return {
        first: [(tag, ours.get(tag, pattern)) for tag, pattern in entries if tag in kept]
        for first, entries in standard.items()
    }


def _check_bounds(text: str, file: str) -> None:
    """Walks the events, which needs no recursion, before anything is built."""
    import yaml

    open_nodes: list[tuple[str | None, int]] = []  # anchor, nodes counted before it
    sizes: dict[str, int] = {}
    count = 0
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        line = _line(event.start_mark)
        if isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append((event.anchor, count))
            count += 1
            if len(open_nodes) > MAX_DEPTH:
                raise YamlFault(file, line, f"nested deeper than {MAX_DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_nodes.pop()
            if anchor:
                sizes[anchor] = count - before
        elif isinstance(event, yaml.ScalarEvent):
            count += 1
            if event.anchor:
                sizes[event.anchor] = 1
        elif isinstance(event, yaml.AliasEvent):
            name = event.anchor or ""
            if any(anchor == name for anchor, _ in open_nodes):
                raise YamlFault(file, line, f"`*{name}` stands inside what it names")
            count += sizes.get(name, 1)
        if count > MAX_NODES:
            raise YamlFault(file, line, f"more than {MAX_NODES} values, aliases counted as written out")


def _value_of(text: str, file: str) -> object:
    loader = _loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        for each in _nodes(node):
            _check_node(each, loader, file)
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _nodes(root: Node) -> Iterator[Node]:
    """Every node below `root` once, however often aliases name it."""
    import yaml

    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, yaml.MappingNode):
            waiting += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value


def _check_node(node: Node, loader: Any, file: str) -> None:
    import yaml

    if isinstance(node, yaml.MappingNode):
        _check_keys(node, file)
    elif isinstance(node, yaml.ScalarNode):
        line, shown = _line(node.start_mark), f"`{node.value[:40]}`"
        try:
            built = loader.construct_object(node)
        except (ValueError, KeyError, IndexError):
            raise YamlFault(file, line, f"{shown} is not {node.tag.removeprefix(TAG)}") from None
        if isinstance(built, int | float) and not -LARGEST <= built <= LARGEST:
            raise YamlFault(file, line, f"{shown} is out of range")


def _check_keys(mapping: MappingNode, file: str) -> None:
    """Makes every key the text that was written, and refuses the second of two equal ones."""
    import yaml

    seen: dict[str, int | None] = {}
    for place, (key, value) in enumerate(mapping.value):
        line = _line(key.start_mark)
        if not isinstance(key, yaml.ScalarNode):
            raise YamlFault(file, line, "expected a plain key before `:`")
        if key.tag == f"{TAG}merge":
            continue
        if key.value in seen:
            raise YamlFault(file, line, f"the key `{key.value[:80]}` is already on line {seen[key.value]}")
        seen[key.value] = line
        mapping.value[place] = (yaml.ScalarNode(f"{TAG}str", key.value, key.start_mark), value)
