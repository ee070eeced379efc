"""Text and JSON that others wrote: shown, cleaned and read without letting it act.

Everything the model, a tool, a file or a server says goes through here before it reaches a terminal, a
log or the journal (RELIABILITY, "Where attackers and accidents come in").
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NoReturn

from core.visible import visible

if TYPE_CHECKING:
    from core.domain import JsonObject

__all__ = ["is_secret_path", "redact", "redaction_marks", "strict_json", "visible"]

# --- secrets ----------------------------------------------------------------------------

_START = r"(?<![\w-])"  # also keeps every pattern linear: no start inside a run of its own characters
_PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY-----"
    r"(?:\s*(?:Proc-Type|DEK-Info): [^\n]*)*[\sA-Za-z0-9+/=\\]*"
    r"(?:-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY-----)?"
)
# The kind, what a text with one must have in it, which is found far sooner, and its whole shape.
_TOKENS = (
    ("anthropic key", "sk-ant-", r"sk-ant-[\w-]{20,}"),
    ("openai key", "sk-", r"sk-(?:(?:proj|svcacct|admin)-[\w-]{20,}|[A-Za-z0-9]{40,})(?![\w-])"),
    ("aws key", "AKIA", r"AKIA[0-9A-Z]{16}(?![\w-])"),
    ("aws key", "ASIA", r"ASIA[0-9A-Z]{16}(?![\w-])"),
    ("github token", "gh", r"gh[pousr]_[A-Za-z0-9]{36,}(?![\w-])"),
    ("github token", "github_pat_", r"github_pat_\w{40,}(?![\w-])"),
    ("gitlab token", "glpat-", r"glpat-[\w-]{20,}"),
    ("slack token", "xox", r"xox[abeprs]-[A-Za-z0-9-]{20,}"),
    ("npm token", "npm_", r"npm_[A-Za-z0-9]{36}(?![\w-])"),
    ("google key", "AIza", r"AIza[\w-]{35}(?![\w-])"),
    ("stripe key", "k_live_", r"[sr]k_live_[A-Za-z0-9]{16,}"),
    ("jwt", "eyJ", r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
)
_SHAPES = tuple((kind, telling, re.compile(_START + shape)) for kind, telling, shape in _TOKENS)
_NAMED = ("passw", "secret", "token", "apikey", "api_key", "access", "private")
# `NAME=value` alone on its line, as in an env file; in code there is more on the line.
_ASSIGNMENT = re.compile(
    r"^([ \t]*(?:export[ \t]+)?(?:[A-Za-z][A-Za-z0-9_]{0,80}_)?"
    r"(?:password|passwd|secret|token|api_?key|secret_?key|access_?key|private_?key)=)"
    r"([\"']?)([^\s\"',;()\[\]{}<>$`]{8,})\2[ \t]*\r?$",
    re.IGNORECASE | re.MULTILINE,
)
# `API_KEY = "..."`, `"apiKey": "..."` in code and settings: only a long, mixed literal counts.
_LITERAL = re.compile(
    r"((?<![A-Za-z0-9])[\w-]{0,80}(?:password|passwd|secret|token|api_?key|secret_?key|access_?key|private_?key)"
    r"[\"']?(?:[ \t]*:[ \t]*[\w.\[\]]{1,40})?[ \t]*[:=][ \t]*)([\"'])([\w+/=.~!@#%^&*-]{16,400})\2",
    re.IGNORECASE,
)
_URL_PASSWORD = re.compile(r"(?<=://)([\w.%+-]{1,80}:)([^\s:/@\"'${}<>]{8,200})(?=@[\w\[])")
_MARK = re.compile(r"\[redacted: [\w .-]{1,60}\]")
_PLACEHOLDER = re.compile(
    r"change.?me|example|placeholder|your|dummy|fake|redacted|todo|x{4}|\*{3}|\.\.\.|postgres|process\.env|environ",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """`text` with secrets of a clear shape replaced by `[redacted: kind]`.

    It rather misses than guesses: an assignment counts only alone on its line, with letters and digits
    in the value and nothing that reads as a placeholder. Lines keep their numbers.
    """
    if "-----BEGIN" in text:
        text = _PRIVATE_KEY.sub(_without_key, text)
    for kind, telling, shape in _SHAPES:
        if telling in text:
            text = shape.sub(f"[redacted: {kind}]", text)
    if _names_a_secret(text.lower()):
        text = _ASSIGNMENT.sub(_without_value, text)
        text = _LITERAL.sub(_without_literal, text)
    return _URL_PASSWORD.sub(_without_password, text) if "://" in text and "@" in text else text


def _names_a_secret(text: str) -> bool:
    return any(word in text for word in _NAMED)


def redaction_marks(text: str) -> Counter[str]:
    """The marks that `redact` leaves, each with how often it is there."""
    return Counter(_MARK.findall(text))


def _without_key(match: re.Match[str]) -> str:
    return "[redacted: private key]" + "\n" * match[0].count("\n")


def _without_value(match: re.Match[str]) -> str:
    head, quote, secret = match.groups()
    return f"{head}{quote}[redacted: secret]{quote}" if _is_secret(secret) else match[0]


def _without_literal(match: re.Match[str]) -> str:
    head, quote, secret = match.groups()
    return f"{head}{quote}[redacted: secret]{quote}" if _is_secret(secret) else match[0]


def _without_password(match: re.Match[str]) -> str:
    return f"{match[1]}[redacted: password]" if _is_secret(match[2]) else match[0]


def _is_secret(text: str) -> bool:
    mixed = any(c.isdigit() for c in text) and any(c.isalpha() for c in text)
    return mixed and not _PLACEHOLDER.search(text)


_SECRET_NAMES = frozenset(
    {
        ".envrc",
        ".netrc",
        "_netrc",
        ".npmrc",
        ".pypirc",
        ".pgpass",
        ".git-credentials",
        ".htpasswd",
        "credentials.json",
        "secrets.json",
        "secrets.yaml",
        "secrets.yml",
        "secrets.toml",
        "id_rsa",
        "id_dsa",
        "id_ecdsa",
        "id_ed25519",
    }
)
_SECRET_SUFFIXES = (".pem", ".key", ".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".env")
_SECRET_PLACES = (".aws/credentials", ".docker/config.json", ".kube/config")
_SHARED_ENDINGS = (".example", ".sample", ".template", ".dist", ".defaults")


def is_secret_path(path: str) -> bool:
    """Whether a file of this path holds secrets by its name (`.env`, keys, credentials), whatever its case.

    `.env.example` and its like are made to be shared and do not count, nor do public keys.
    """
    parts = PurePosixPath(path.casefold())
    name = parts.name
    if name.endswith(_SHARED_ENDINGS):
        return False
    return (
        name in _SECRET_NAMES
        or name.startswith(".env.")
        or name.endswith(_SECRET_SUFFIXES)
        or any(f"/{parts}".endswith(f"/{place}") for place in _SECRET_PLACES)
    )


# --- strict JSON ------------------------------------------------------------------------

MAX_JSON_DEPTH = 64
_JSON_STRUCTURE = re.compile(r'[\\"\[\]{}]')


def strict_json(text: str) -> JsonObject:
    """The JSON object in `text`. ValueError with the reason for anything else.

    Refuses duplicate keys, NaN and infinities (also as `1e999`), lone surrogates and deep nesting:
    readers of loose JSON disagree on what these mean (RELIABILITY, "anthropic SDK").
    """
    _check_json_depth(text)
    found = json.loads(
        text, object_pairs_hook=_unique_keys, parse_constant=_refuse_constant, parse_float=_finite
    )
    if not isinstance(found, dict):
        raise ValueError("expected a JSON object")
    if "\\u" in text and _has_lone_surrogate(found):
        raise ValueError("half of a surrogate pair")
    return found


def _check_json_depth(text: str) -> None:
    depth, in_string, skip = 0, False, -1
    for match in _JSON_STRUCTURE.finditer(text):
        char, place = match[0], match.start()
        if place == skip:
            continue
        if char == "\\":
            skip = place + 1
        elif char == '"':
            in_string = not in_string
        elif not in_string:
            depth += 1 if char in "[{" else -1
            if depth > MAX_JSON_DEPTH:
                raise ValueError(f"nested deeper than {MAX_JSON_DEPTH} levels")


def _unique_keys(pairs: list[tuple[str, object]]) -> JsonObject:
    found: JsonObject = {}
    for key, item in pairs:
        if key in found:
            raise ValueError(f"the key {visible(key[:80], keep_newlines=False)!r} comes twice")
        found[key] = item
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:40]} is out of range")
    return number


def _has_lone_surrogate(found: JsonObject) -> bool:
    try:
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False
