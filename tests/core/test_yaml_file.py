from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from core.yaml_file import YamlFault, expect_mapping, load_yaml, parse_yaml


def test_what_a_person_wrote_stays_what_they_wrote() -> None:
    text = "on: 2026-01-02\n1.10: 12:30\nflag: yes\nn: 007\nbig: 1_000\nx: 1.5\ny: .nan\nz: ~\neq: =\n"
    assert parse_yaml(text, "f") == {
        "on": "2026-01-02",
        "1.10": "12:30",
        "flag": True,
        "n": 7,
        "big": 1000,
        "x": 1.5,
        "y": ".nan",
        "z": None,
        "eq": "=",
    }


def test_aliases_and_merge_keys_are_understood() -> None:
    text = "base: &b {k: 1, l: 2}\none: {<<: *b, k: 3}\ntwo: {<<: *b}\n"
    assert parse_yaml(text, "f") == {
        "base": {"k": 1, "l": 2},
        "one": {"k": 3, "l": 2},
        "two": {"k": 1, "l": 2},
    }


SOME_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.text(st.characters(codec="utf-8"), max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(SOME_JSON)
@settings(max_examples=150)
def test_values_that_yaml_wrote_come_back(value: object) -> None:
    assert parse_yaml(yaml.safe_dump(value), "f") == value


@given(st.text(st.characters(codec=None), max_size=40) | st.text("-:[]{}&*!|>'\"%#?, \nab01", max_size=60))
@settings(max_examples=400)
def test_any_text_gives_json_or_a_fault_of_one_line(text: str) -> None:
    try:
        json.dumps(parse_yaml(text, "f.yaml"), allow_nan=False)
    except YamlFault as fault:
        assert str(fault).startswith("f.yaml") and "\n" not in str(fault)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "the key `a` is already on line 1"),
        ("x:\n  - {k: 1, 'k': 2}\n", 2, "already on line 2"),
        ("a: b: c\n", 1, "mapping values are not allowed"),
        ("ok: 1\nbad: [1, 2\n", 3, "did not find expected"),
        ("a: 1\n---\nb: 2\n", 2, "single document"),
        ("\na: !!python/object/apply:os.system [ls]\n", 2, "constructor"),
        ("a: !!int x\n", 1, "`x` is not int"),
        ("a: !!float ''\n", 1, "is not float"),
        ("a: 1.0e+999\n", 1, "out of range"),
        ("a: 0x" + "f" * 5000, 1, "out of range"),
        ("a: &a [*a]\n", 1, "stands inside what it names"),
        ("a: *b\n", 1, "undefined alias"),
        ("? [a]\n: 1\n", 1, "plain key"),
        ("[" * 100_000, 1, "nested deeper"),
        ("- " * 100_000, 1, "nested deeper"),
        ("a: 1\nb: \x07\n", 2, "does not allow"),
        ("a: 1\nb: \ud800\n", 2, "does not allow"),
    ],
    ids=lambda given: ascii(given)[:24],
)
def test_a_fault_names_the_line(text: str, line: int, message: str) -> None:
    with pytest.raises(YamlFault, match=message) as caught:
        parse_yaml(text, "some.yaml")
    assert caught.value.line == line
    assert str(caught.value).startswith(f"some.yaml:{line}: ")


def test_an_alias_bomb_is_refused_before_it_is_built() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(YamlFault, match="aliases counted as written out"):
        parse_yaml("\n".join(lines), "f")


def test_a_fault_shows_control_characters_and_does_not_send_them() -> None:
    with pytest.raises(YamlFault) as caught:
        parse_yaml('"\\e[2J": 1\n"\\e[2J": 2\n', "f\x1b")
    assert str(caught.value) == "f␛:2: the key `␛[2J` is already on line 1"


def test_a_file_is_read_with_its_byte_order_mark_and_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("\ufeffa: 1\r\nb: ü\r\n".encode())
    assert load_yaml(path) == {"a": 1, "b": "ü"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file"),
        (b"a: 1\n\xff", ":2: not UTF-8"),
        (b"#" * (2 * 1024 * 1024 + 1), "bigger than 2 MiB"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "a.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(YamlFault, match=message):
        load_yaml(path)


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(YamlFault, match="not a file"):
        load_yaml(tmp_path)


def test_the_top_must_be_a_mapping() -> None:
    assert expect_mapping({"a": 1}, "f") == {"a": 1}
    assert expect_mapping(None, "f") == {}
    with pytest.raises(YamlFault, match="expected a mapping"):
        expect_mapping([1], "f")
