#!/usr/bin/env python3
"""From a bare python3 with pip to a running Signoff: `python3 run.py demo`, `python3 run.py test`.

Standard library only. Makes `.venv` beside itself, installs Signoff and what the command
needs into it, then hands over. `python3 run.py ARGS...` runs `signoff ARGS...`.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
OLDEST = (3, 11)


def main(args: list[str]) -> int:
    if sys.version_info < OLDEST:
        return fail(
            f"Signoff needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is {sys.version.split()[0]}"
        )
    if not args or args[0] in ("-h", "--help"):
        print(__doc__)
    testing = args[:1] == ["test"]
    if not prepare("dev" if testing else "demo"):
        return 1
    # As if the environment were activated: the sample's own checks find their programs.
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    os.environ["VIRTUAL_ENV"] = str(VENV)
    program = [str(BIN / "python"), "-m", "pytest", *args[1:]] if testing else [str(BIN / "signoff"), *args]
    if testing:
        os.chdir(ROOT)
    os.execv(program[0], program)


def prepare(extra: str) -> bool:
    """Makes the environment and installs into it, unless a stamp says that this was done."""
    stamp = VENV / f"signoff-{extra}.stamp"
    wanted = fingerprint()
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return True
    print(f"run.py: preparing {VENV} (only the first time)", file=sys.stderr, flush=True)
    if not (BIN / "python").exists():
        # Debian's python3 may lack ensurepip: pip then works on the environment from outside.
        venv.create(VENV, with_pip=False, symlinks=True)
    if find_spec("pip") is None:
        fail("pip is missing: install python3-pip (Debian: apt-get install python3-pip), then try again")
        return False
    pip = [sys.executable, "-m", "pip", "--python", str(BIN / "python"), "install", "--quiet"]
    done = subprocess.run(
        [*pip, "--disable-pip-version-check", "--editable", f"{ROOT}[{extra}]"], check=False
    )
    if done.returncode != 0:
        fail("the installation failed; what pip said stands above")
        return False
    stamp.write_text(wanted, "utf-8")
    return True


def fingerprint() -> str:
    """Changes with the interpreter and with what is to be installed."""
    project = (ROOT / "pyproject.toml").read_bytes()
    return f"{sys.version} {hashlib.sha256(project).hexdigest()}"


def fail(text: str) -> int:
    print(f"run.py: {text}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
