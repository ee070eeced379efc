"""`signoff export RUN --html|--json|--markdown`: a past run as something to give to others."""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from core.ending import COMPLETE
from core.spoken import one_line, say
from core.story import InputFault

if TYPE_CHECKING:
    from core.recording import Recording

LONGEST_NAME = 80
STDOUT = "-"
QUIET_S = 1.0
"""How long an export may take before it says how far it is, and how often it says so."""


def export(args: argparse.Namespace) -> int:
    """Without `-o` a page goes into a file of its own in this folder, JSON and Markdown to stdout."""
    from core.arguments_exports import picture_only
    from core.exports.registry import EXPORTS

    if odd := picture_only(args):
        raise InputFault(f"{odd} goes with --svg")
    form = EXPORTS[args.form]
    recording = open_for_others(args.reference, args.workspace)
    try:
        target = (
            target_file(args.output, recording, form.ending) if args.output or args.form == "html" else None
        )
        put_out(form.pieces(recording), target, replace=args.force)
    finally:
        recording.close()
    return COMPLETE


def open_for_others(reference: str, workspace: Path) -> Recording:
    """The run, read to its end, without this machine's paths."""
    from core.hidden_places import WithoutPlaces
    from core.open_recording import open_any

    recording = open_any(reference, workspace)
    progress = Progress("read")
    while recording.indexed < 1.0:
        progress.tell(f"{recording.indexed:.0%}")
        time.sleep(0.02)
    progress.end()
    return WithoutPlaces(recording, os.environ)


def target_file(output: str | None, recording: Recording, ending: str) -> Path | None:
    """`-o` as it was given, else `signoff-RUN.html` in this folder; None is stdout."""
    if output == STDOUT:
        return None
    if output:
        return Path(output)
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(recording.run_id or recording.title).name)
    return Path(f"signoff-{name[:LONGEST_NAME].strip('.-') or 'run'}{ending}")


def put_out(pieces: Iterable[str], target: Path | None, *, replace: bool) -> None:
    """Writes and says where. InputFault for a file that stands there and may not be replaced."""
    from core.streamed_file import write_stream

    if target is None:
        # Whatever stdout is set to: the text is made of what others wrote.
        out = sys.stdout.buffer
        for piece in pieces:
            out.write(piece.encode())
        out.flush()
        return
    try:
        size = write_stream(target, counted_out(pieces), replace=replace)
    except FileExistsError:
        raise InputFault(f"{target}: is there already; --force replaces it") from None
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError) as fault:
        raise InputFault(f"{target}: can't be written: {fault.strerror}") from None
    say(f"signoff: wrote {one_line(str(target))}, {size / 1000:,.0f} kB")


def counted_out(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces, and on stderr how much there is by now when it takes long."""
    progress = Progress("written")
    size = 0
    for piece in pieces:
        size += len(piece)
        progress.tell(f"{size / 1_000_000:.1f} MB")
        yield piece
    progress.end()


class Progress:
    """One line on a terminal's stderr, drawn anew; nothing where nobody sees it or it is over at once."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._next = time.monotonic() + QUIET_S
        self._shown = False

    def tell(self, how_far: str) -> None:
        now = time.monotonic()
        if now < self._next or not sys.stderr.isatty():
            return
        self._next, self._shown = now + QUIET_S, True
        sys.stderr.write(f"\rsignoff: {how_far} {self._what}")
        sys.stderr.flush()

    def end(self) -> None:
        if self._shown:
            sys.stderr.write("\n")
