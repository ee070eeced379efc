"""What the command line says: results on stdout, errors as one line on stderr with their exit code."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress

from core.ending import BAD_INPUT, BUG, COMPLETE

SAFE = "Nothing acknowledged is lost: what a run's journal has is safe. Mend it and resume the run."


def guarded(act: Callable[[], int]) -> int:
    """Turns what a person did wrong into one line on stderr and exit 2, and what the disk does into one and
    exit 1; never a traceback for either."""
    try:
        return act()
    except BrokenPipeError:
        leave_stdout()
        return COMPLETE
    except Exception as fault:
        found = told(fault)
        if found is None:
            raise
        words, code = found
        say(f"signoff: {words}")
        return code


def told(fault: Exception) -> tuple[str, int] | None:
    """What to say of it, and the exit code; None for a bug. The imports are here: a command that goes well
    does not wait for them."""
    from core.blobs import BlobFault
    from core.journal import JournalFault
    from core.story import InputFault
    from core.yaml_file import YamlFault

    match fault:
        case InputFault() | YamlFault():
            return one_line(str(fault)), BAD_INPUT
        case JournalFault() | BlobFault():
            return f"{one_line(str(fault))}. {SAFE}", BUG
        case OSError():
            place = f"{fault.filename}: " if fault.filename else ""
            return f"{one_line(place + (fault.strerror or str(fault)))}. {SAFE}", BUG
        case _:
            return None


def on_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def say(text: str) -> None:
    # Who reads the output may have left; that changes nothing of what was done.
    with suppress(BrokenPipeError):
        print(text, file=sys.stderr, flush=True)


def leave_stdout() -> None:
    """Nobody reads what is printed any more: whatever still comes goes nowhere, also at the exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def one_line(text: str) -> str:
    from core.untrusted import visible

    return visible(" ".join(text.split()), keep_newlines=False)


def print_json(found: object) -> None:
    json.dump(found, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")
