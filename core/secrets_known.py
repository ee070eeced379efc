"""The secrets of an engineer's machine that can be known by where they stand: environment and env files.

Only values that are worth keeping back: a `PORT=3000` struck from every text would make it unreadable.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from core.domain import value
from core.untrusted import is_secret_path

SKIPPED = frozenset({"node_modules", "__pycache__", "dist", "build", "target", "vendor"})
DEEPEST = 4
MOST_FILES = 200
MOST_BYTES = 256 * 1024
SHORTEST_NAMED = 6
SHORTEST_MIXED = 12
_TELLING = frozenset(
    (
        *("key", "keys", "apikey", "token", "tokens", "secret", "secrets", "credential", "credentials"),
        *("password", "passwd", "pass", "passphrase", "pwd", "pin", "auth", "dsn", "cookie", "salt"),
        *("signature", "webhook"),
    )
)
_ORDINARY = re.compile(
    r"(?:true|false|none|null|enabled|disabled|development|production|staging|test|localhost|default|basic|bearer)",
    re.IGNORECASE,
)
# Paths, lists, addresses and versions have digits and letters, too.
_PLAIN_MIXED = re.compile(r"[/\\\s:,@]|^v?\d+(?:\.\d+)+[\w.+-]*$")
_LINE = re.compile(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]{0,100})[ \t]*[=:][ \t]*(.*)$", re.MULTILINE)


@value
class Secret:
    """`name` is what is shown in its place: a variable's name."""

    name: str
    text: str


def known_secrets(root: Path, environ: Mapping[str, str]) -> tuple[Secret, ...]:
    """The secrets of the engineer's environment and of the workspace's env files, each text once."""
    found: dict[str, str] = {}
    for name, text in environ.items():
        if not text.startswith("/"):
            _keep(found, name, text)
    for path in env_files(root):
        for name, text in _assignments(path):
            _keep(found, name, text)
    return tuple(Secret(name=name, text=text) for text, name in found.items())


def _keep(found: dict[str, str], name: str, text: str) -> None:
    for part in _secret_parts(name, text):
        found.setdefault(part, name)


def _secret_parts(name: str, text: str) -> Iterator[str]:
    """What is secret of a variable's value: all of it, or a URL's password."""
    if "://" in text:
        password = _password(text)
        if password:
            yield from {password, unquote(password)}
        if password is None or not _is_telling(name):
            return
    if _ORDINARY.fullmatch(text) or (text.isdigit() and len(text) < SHORTEST_MIXED):
        return
    mixed = any(c.isdigit() for c in text) and any(c.isalpha() for c in text)
    looks_secret = mixed and len(text) >= SHORTEST_MIXED and not _PLAIN_MIXED.search(text)
    if looks_secret or (_is_telling(name) and len(text) >= SHORTEST_NAMED):
        yield text


def _password(url: str) -> str | None:
    """The password in a URL; "" where it has none that is worth keeping back, None for no URL."""
    try:
        parts = urlsplit(url)
        return parts.password if parts.password and len(parts.password) >= SHORTEST_NAMED else ""
    except ValueError:
        return None


def _is_telling(name: str) -> bool:
    words = re.split(r"[^a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower())
    return bool(_TELLING.intersection(words))


def env_files(root: Path) -> Iterator[Path]:
    """`.env` and its like in the workspace, near its top; links are not followed."""
    left = MOST_FILES
    for folder, below, names in os.walk(root):
        depth = len(Path(folder).relative_to(root).parts)
        keep = [d for d in below if depth < DEEPEST and d not in SKIPPED and not d.startswith(".")]
        below[:] = sorted(keep)
        for name in sorted(names):
            path = Path(folder, name)
            if _is_env_file(name) and not path.is_symlink() and path.is_file():
                yield path
                left -= 1
            if left == 0:
                return


def _is_env_file(name: str) -> bool:
    return is_secret_path(name) and (name.startswith(".env") or name.endswith(".env"))


def _assignments(path: Path) -> Iterator[tuple[str, str]]:
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return
    for name, raw in _LINE.findall(text):
        yield name, _unquoted(raw)


def _unquoted(raw: str) -> str:
    raw = raw.strip()
    if raw[:1] in ("'", '"') and (end := raw.find(raw[0], 1)) > 0:
        return raw[1:end]
    return re.split(r"\s#", raw, maxsplit=1)[0].strip()
