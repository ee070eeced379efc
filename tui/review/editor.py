"""The engineer's own editor, at a line of a file."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

from textual.app import App, SuspendNotSupported

FALLBACK = "vi"
PLUS_LINE = frozenset(
    {"vi", "vim", "nvim", "vim.basic", "vim.tiny", "view", "nano", "pico", "emacs", "emacsclient", "micro"}
    | {"kak", "joe", "jed", "mg", "ne", "mcedit", "gedit", "kate"}
)
COLON_LINE = frozenset({"hx", "helix", "subl", "zed"})
GO_TO = frozenset({"code", "code-insiders", "codium", "cursor", "windsurf"})
# These give the terminal back at once, unless they are told to wait.
RETURNS_AT_ONCE = GO_TO | {"subl", "zed"}


def editor_argv(environ: Mapping[str, str], path: Path, line: int | None) -> list[str]:
    """What to start: `$VISUAL`, else `$EDITOR`, else vi, at `line` where it is known how to say so.

    Raises ValueError when the variable can't be read as a command.
    """
    said = environ.get("VISUAL", "").strip() or environ.get("EDITOR", "").strip() or FALLBACK
    argv = shlex.split(said)
    if not argv:
        raise ValueError("no command in it")
    name = Path(argv[0]).name
    if name in RETURNS_AT_ONCE and not {"--wait", "-w"} & set(argv):
        argv.append("--wait")
    if line is None:
        return [*argv, str(path)]
    if name in PLUS_LINE:
        return [*argv, f"+{line}", str(path)]
    if name in GO_TO:
        return [*argv, "--goto", f"{path}:{line}"]
    return [*argv, f"{path}:{line}" if name in COLON_LINE else str(path)]


def edit(app: App[object], argv: list[str], folder: Path) -> str:
    """Gives the terminal to the editor until it ends. One line of what went wrong, or nothing."""
    try:
        with app.suspend():
            code = subprocess.run(argv, cwd=folder, check=False).returncode
    except SuspendNotSupported:
        return "This terminal can't be handed to an editor."
    except OSError as fault:
        return f"{argv[0]} can't be started: {fault.strerror or fault}. Set VISUAL or EDITOR."
    return f"{argv[0]} ended with code {code}." if code else ""
