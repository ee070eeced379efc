from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.untrusted import is_secret_path, redact, strict_json, visible

# --- visible ----------------------------------------------------------------------------


@given(st.text(st.characters(codec=None), max_size=60), st.booleans())
@settings(max_examples=300)
def test_nothing_of_category_c_is_left(text: str, keep: bool) -> None:
    left = {c for c in visible(text, keep_newlines=keep) if unicodedata.category(c)[0] == "C"}
    assert left <= ({"\n"} if keep else set())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("a\x9b2Jb", "a<U+009B>2Jb"),
        ("abc\u202ecba", "abc<U+202E>cba"),
        ("zero\u200bwidth", "zero<U+200B>width"),
        ("half \ud800 pair", "half <U+D800> pair"),
        ("\x7f\r\n", "␡␍\n"),
        ("\tx", "    x"),
        ("naïve – 日本 😀", "naïve – 日本 😀"),
        ("line\u2028line", "line<U+2028>line"),
    ],
)
def test_what_a_character_looks_like(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_one_line_when_newlines_are_not_kept() -> None:
    assert visible("a\nb", keep_newlines=False) == "a␊b"


# --- redact -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"key: sk-ant-api03-{'aB3_' * 10}.", "key: [redacted: anthropic key]."),
        ("id AKIAABCDEFGHIJKLMNOP!", "id [redacted: aws key]!"),
        (f"ghp_{'a1' * 18}", "[redacted: github token]"),
        (f"github_pat_{'a1_' * 20}", "[redacted: github token]"),
        ("export DB_PASSWORD='hunter2hunter2'\nX=1", "export DB_PASSWORD='[redacted: secret]'\nX=1"),
        ("api_key=9f8e7d6c5b4a", "api_key=[redacted: secret]"),
        ("postgres://app:s3cr3tpass@db:5432/x", "postgres://app:[redacted: password]@db:5432/x"),
        (
            "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE+/=\nabc\n-----END RSA PRIVATE KEY-----\nb",
            "a\n[redacted: private key]\n\n\n\nb",
        ),
        (
            r'{"k": "-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n"}',
            r'{"k": "[redacted: private key]\n"}',
        ),
    ],
)
def test_a_secret_of_a_clear_shape_is_replaced(text: str, clean: str) -> None:
    assert redact(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "sk-learn and sk-ant- are words",
        "    password=form.password1,",
        'const token = getToken("session1")',
        "MAX_TOKENS=100000",
        "DB_PASSWORD=change-me-123",
        "API_KEY=your-key-1234",
        "API_KEY=${API_KEY_2024}",
        "postgres://postgres:postgres@localhost:5432/dev",
        "11111111-1111-1111-1111-111111111111",
        "sha256 " + "ab12" * 16,
        "https://example.com:8080/path@2x.png",
    ],
)
def test_what_only_resembles_a_secret_is_left(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "path",
    [".env", "a/.ENV", ".env.local", "x/prod.env", "k.pem", "home/id_rsa", ".npmrc", "u/.aws/credentials"],
)
def test_a_secret_path(path: str) -> None:
    assert is_secret_path(path)


@pytest.mark.parametrize(
    "path", [".env.example", "src/env.ts", "id_rsa.pub", "keys.ts", "environment.md", "src/credentials"]
)
def test_no_secret_path(path: str) -> None:
    assert not is_secret_path(path)


# --- strict_json ------------------------------------------------------------------------


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(max_size=8),
            lambda inner: st.lists(inner, max_size=3),
            max_leaves=5,
        ),
        max_size=4,
    )
)
@settings(max_examples=150)
def test_an_object_comes_back_as_it_was_written(value: dict[str, object]) -> None:
    assert strict_json(json.dumps(value)) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": 1, "a": 2}', "comes twice"),
        ('{"a": {"b": 1, "b": 1}}', "comes twice"),
        ('{"a": NaN}', "NaN is not JSON"),
        ('{"a": [-Infinity]}', "Infinity is not JSON"),
        ('{"a": 1e999}', "out of range"),
        ('{"a": "\\ud800"}', "surrogate"),
        ("[1]", "expected a JSON object"),
        ("", "Expecting value"),
        ('{"a": "cut', "Unterminated"),
        ('{"a": 1} x', "Extra data"),
        ('{"a":' * 65 + "1" + "}" * 65, "nested deeper"),
        ("[" * 1_000_000, "nested deeper"),
        ('{"a": ' + "9" * 5000 + "}", "digits"),
    ],
)
def test_what_is_not_strict_json_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        strict_json(text)


def test_brackets_in_strings_are_not_depth() -> None:
    assert strict_json('{"a": "' + '\\"[{' * 500 + '"}') == {"a": '"[{' * 500}
