"""Sets values of an entry that stands in a list of a YAML file; every other byte stays as it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from core.domain import JsonObject
from core.logs.yaml_list import BOM
from core.logs.yaml_scalar import set_scalar
from core.untrusted import visible
from core.yaml_file import YamlFault, expect_mapping, parse_yaml


def set_in_entry(
    text: str,
    wanted: Callable[[JsonObject], bool],
    values: Mapping[str, str],
    *,
    file: str,
    keys: Sequence[str],
) -> str:
    """`text` with `values` (key -> YAML on one line) set in the first `wanted` entry of a list under `keys`.

    Without such an entry (a person took it away) nothing changes. Raises YamlFault where the file can't be
    read, or would not be read as it should be afterwards.
    """
    plain = text.removeprefix(BOM)
    document = expect_mapping(parse_yaml(plain, file), file)
    key = next((each for each in keys if each in document), keys[0])
    entries = document.get(key)
    entries = entries if isinstance(entries, list) else []
    at = next((i for i, e in enumerate(entries) if isinstance(e, dict) and wanted(e)), None)
    if at is None:
        return text
    for name, scalar in values.items():
        plain = set_scalar(plain, (key, at), name, scalar, file=file)
    _read_back(plain, key, at, {**entries[at], **_meant(values)}, file)
    return text[: len(text) - len(text.removeprefix(BOM))] + plain


def quoted(text: str) -> str:
    """A text as YAML on one line."""
    return json.dumps(visible(text.replace("\r\n", "\n")), ensure_ascii=False)


def _meant(values: Mapping[str, str]) -> JsonObject:
    lines = "".join(f"{name}: {scalar}\n" for name, scalar in values.items())
    return expect_mapping(parse_yaml(lines, "the values"), "the values")


def _read_back(text: str, key: str, at: int, expected: JsonObject, file: str) -> None:
    document = expect_mapping(parse_yaml(text, file), file)
    if document[key][at] != expected:
        raise YamlFault(file, None, f"an entry under `{key}` can't be changed in the form that it has")
