"""Adds an entry to a list in a YAML file and keeps every byte of what stands there.

Comments, order, quoting and line ends are somebody's work: so the file's text is added to at the place that
the YAML parser names, never rendered anew. (An empty list written `[]` gives way to the first entry.) What
was added is read back before it is given out; a file that can't be added to is a YamlFault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from core.domain import JsonObject
from core.logs.yaml_place import place_of
from core.untrusted import visible
from core.yaml_file import YamlFault, expect_mapping, parse_yaml

Edit = Callable[[str], str]  # a file's text before and after; making it twice is making it once

BOM = "\ufeff"
REST_OF_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
COMMENT_OR_BLANK = re.compile(r"([ ]*)(#[^\r\n]*)?(?:\r\n|\r|\n)")


def text_of(content: bytes) -> str:
    """The file's text; bytes that are not UTF-8 survive the way back through `bytes_of`."""
    return content.decode("utf-8", "surrogateescape")


def bytes_of(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def next_id(earlier: Iterable[str], prefix: str) -> str:
    """`AUTO-004` when the highest of `earlier` with that prefix is `AUTO-003`; other ids don't count."""
    numbers = (re.fullmatch(rf"{re.escape(prefix)}-(\d{{1,9}})", each) for each in earlier)
    highest = max((int(number[1]) for number in numbers if number), default=0)
    return f"{prefix}-{highest + 1:03d}"


def moment(at: datetime) -> datetime:
    """A record's time as the files have it: UTC, whole seconds."""
    return at.astimezone(UTC).replace(microsecond=0)


def head(fields: JsonObject) -> str:
    """The lines that a new file begins with."""
    return _dump(_clean(fields), flow=False)


def _clean(entry: JsonObject) -> JsonObject:
    """An entry whose texts hold visible characters only."""
    return {key: _clean_value(each) for key, each in entry.items()}


def _clean_value(each: Any) -> Any:
    if isinstance(each, str):
        return visible(each.replace("\r\n", "\n"))
    return [_clean_value(part) for part in each] if isinstance(each, list) else each


def entries_in(text: str, file: str, keys: Sequence[str]) -> list[JsonObject]:
    """The mappings in the first list of `keys` that the file has. Raises YamlFault."""
    document = expect_mapping(parse_yaml(text.removeprefix(BOM), file), file)
    key = next((each for each in keys if each in document), keys[0])
    return [each for each in _list_in(document, key, file) if isinstance(each, dict)]


def _list_in(document: JsonObject, key: str, file: str) -> list[Any]:
    found = document.get(key)
    if found is None:
        return []
    if not isinstance(found, list):
        raise YamlFault(file, None, f"expected a list under `{key}`")
    return found


def append_entry(text: str, entry: JsonObject, *, file: str, keys: Sequence[str], start: str) -> str:
    """`text` with `entry` as the last of the first list of `keys` that it has.

    A file with nothing in it gets `start` (whole lines) first. Values of `entry` are str, int, float, bool,
    None, datetime or lists of str. Raises YamlFault when the file can't be read or has another shape.
    """
    entry = _clean(entry)
    plain = text.removeprefix(BOM)
    document = expect_mapping(parse_yaml(plain, file), file)
    key = next((each for each in keys if each in document), keys[0])
    before = _list_in(document, key, file)
    lead = text[: len(text) - len(plain)]
    added = lead + (
        _into_list(plain, key, entry, file)
        if key in document
        else _new_list(plain, key, entry, "" if document else start)
    )
    _read_back(added, key, len(before), entry, file)
    return added


def _new_list(text: str, key: str, entry: JsonObject, start: str) -> str:
    lines = f"{start}{key}:\n{_dumped(entry, 2)}"
    return on_new_line(text) + lines.replace("\n", line_end(text))


def _into_list(text: str, key: str, entry: JsonObject, file: str) -> str:
    place = place_of(text, (key,), file)
    stands = text[place.start : place.end]
    if stands.startswith("[") and not re.fullmatch(r"\[\s*\]", stands):
        at, comma = (place.last, ", ") if place.last > place.start else (place.start + 1, "")
        return text[:at] + comma + _flow(entry) + text[at:]
    if place.dash is None:  # null or []: the entries go beneath the key
        before = text[: place.start].rstrip(" ") if stands else text[: place.start]
        text, end, dash = before + text[place.end :], len(before), place.column + 2
    else:
        end, dash = place.end, place.dash
    at = _behind_comments(text, next_line(text, end), dash)
    return on_new_line(text[:at]) + _dumped(entry, dash).replace("\n", line_end(text)) + text[at:]


def add_once(
    text: str,
    entry: JsonObject,
    *,
    file: str,
    keys: Sequence[str],
    start: str,
    told_by: Sequence[str],
    at: str | None = None,
) -> str:
    """`append_entry`, unless the entry stands there already, in words that a person may have changed since.

    It is the one with its id that has the same values under all of `told_by`, or the same time under `at` and
    the same value under the first of `told_by` (two may have been made within one second).
    An id that somebody else gave to another entry stays theirs: this one gets the next free id of the file.
    """
    there = entries_in(text, file, keys)
    ours = expect_mapping(parse_yaml(head(entry), file), file)
    holder = next((each for each in there if each.get("id") == ours["id"]), None)
    if holder is None:
        return append_entry(text, entry, file=file, keys=keys, start=start)
    when = (at,) if at and at in ours else ()
    known = [each for each in there if _same(each, ours, (*told_by, *when))]
    if known or _same(holder, ours, told_by) or (when and _same(holder, ours, (told_by[0], *when))):
        return text
    prefix = str(ours["id"]).rpartition("-")[0]
    free = next_id((str(each.get("id")) for each in there), prefix)
    return append_entry(text, {**entry, "id": free}, file=file, keys=keys, start=start)


def _same(one: JsonObject, other: JsonObject, keys: Sequence[str]) -> bool:
    return all(one.get(key) == other.get(key) for key in keys)


def set_counts(text: str, counts: Mapping[str, int], *, file: str, key: str) -> str:
    """`text` with the numbers under `key` set; a file without `key` gets it as its last line.

    Raises YamlFault as `append_entry` does.
    """
    document = expect_mapping(parse_yaml(text.removeprefix(BOM), file), file)
    present = document.get(key)
    if key not in document:
        line = f"{key}: {{{', '.join(f'{name}: {count}' for name, count in counts.items())}}}"
        text = on_new_line(text) + line + line_end(text)
        parse_yaml(text.removeprefix(BOM), file)
        return text
    if not isinstance(present, dict):
        raise YamlFault(file, None, f"expected numbers under `{key}`")
    for name, count in counts.items():
        if name in present and present[name] != count:
            place = place_of(text, (key, name), file)
            text = text[: place.start] + str(count) + text[place.end :]
    return text


def _read_back(text: str, key: str, before: int, entry: JsonObject, file: str) -> None:
    """Nothing is written that would not be read again as what it is."""
    expected = parse_yaml(_dumped(entry, 0), file)
    fault = YamlFault(file, None, f"no entry can be added under `{key}` in the form that the file has")
    try:
        entries = _list_in(expect_mapping(parse_yaml(text.removeprefix(BOM), file), file), key, file)
    except YamlFault:
        raise fault from None
    if len(entries) != before + 1 or entries[-1:] != expected:
        raise fault


# --- writing ----------------------------------------------------------------------------


def _dumped(entry: JsonObject, indent: int) -> str:
    """The entry as one item of a block list, its dash in column `indent`."""
    lines = _dump([entry], flow=False).splitlines(keepends=True)
    return "".join(" " * indent + line if line.strip() else line for line in lines)


def _flow(entry: JsonObject) -> str:
    return _dump(entry, flow=True).strip()


def _dump(data: object, *, flow: bool) -> str:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Times as YAML times; texts of several lines as readable blocks where that is exact."""

        def ignore_aliases(self, data: object) -> bool:
            return True

    def text(dumper: yaml.SafeDumper, each: str) -> yaml.ScalarNode:
        style = None
        if "\n" in each:
            plain = not flow and not re.search(r"\A\s|[ ](?:\n|\Z)|\n\n\Z", each)
            style = "|" if plain else '"'
        return dumper.represent_scalar("tag:yaml.org,2002:str", each, style=style)

    def time(dumper: yaml.SafeDumper, each: datetime) -> yaml.ScalarNode:
        tag = "str" if flow else "timestamp"  # in a flow list it is written quoted
        return dumper.represent_scalar(f"tag:yaml.org,2002:{tag}", f"{each:%Y-%m-%dT%H:%M:%SZ}")

    Dumper.add_representer(str, text)
    Dumper.add_representer(datetime, time)
    dumped: str = yaml.dump(
        data, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=float("inf"), default_flow_style=flow
    )
    return dumped


# --- places in the text ------------------------------------------------------------------


def next_line(text: str, at: int) -> int:
    """The start of the line behind `at`; `at` itself when a line starts there."""
    if at and text[at - 1] in "\r\n":
        return at
    rest = REST_OF_LINE.match(text, at)
    return rest.end() if rest else at


def _behind_comments(text: str, at: int, dash: int) -> int:
    """Behind comments that belong to the last entry: indented deeper than its dash."""
    scan = at
    while line := COMMENT_OR_BLANK.match(text, scan):
        scan = line.end()
        if line[2] and len(line[1]) > dash:
            at = scan
        elif line[2]:
            break
    return at


def on_new_line(text: str) -> str:
    return text if not text or text[-1] in "\r\n" else text + line_end(text)


def line_end(text: str) -> str:
    first = re.search(r"\r?\n", text)
    return first[0] if first else "\n"
