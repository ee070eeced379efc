"""The arguments of the commands that give a past run to others, or compare two."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable

Where = Callable[[argparse.ArgumentParser], None]
Commands = argparse._SubParsersAction  # the type has no public name
SCREENS = ("run", "diff", "ledger", "compare")
REFERENCE = "a run id, its beginning, a story id or its folder (its newest run), a journal, a log"
SMALLEST, LARGEST = 20, 400


def add_export(commands: Commands[argparse.ArgumentParser], where: Where) -> None:
    export = commands.add_parser(
        "export",
        help="a past run as one HTML page, JSON, a pull request's description, or a picture of a screen",
        description="Makes of a run, or of a plain BACKEND-LOG.md, something to give to others. It names no "
        "path of this machine.",
    )
    export.add_argument("reference", metavar="RUN|LOG", help=REFERENCE)
    form = export.add_mutually_exclusive_group(required=True)
    for name, what in (
        ("html", "one page that needs nothing else (signoff-RUN.html, unless -o says where)"),
        ("json", "everything, in a stable shape"),
        ("markdown", "a pull request's description"),
        ("svg", "a picture of a screen (signoff-RUN.svg, unless -o says where)"),
    ):
        form.add_argument(f"--{name}", dest="form", action="store_const", const=name, help=what)
    export.add_argument("-o", "--output", metavar="FILE", help="where to; - is stdout")
    export.add_argument("--force", action="store_true", help="replace a file that is there already")
    export.add_argument("--at", type=int, metavar="SEQ", help="with --svg: after this record, not at the end")
    export.add_argument("--screen", choices=SCREENS, help="with --svg: which one (run|diff|ledger|compare)")
    export.add_argument("--against", metavar="RUN", help="with --svg --screen compare: the other run")
    export.add_argument("--size", type=_size, metavar="WxH", help="with --svg: in cells (160x48)")
    where(export)


def add_compare(commands: Commands[argparse.ArgumentParser], where: Where) -> None:
    compare = commands.add_parser(
        "compare",
        help="two runs of a story side by side: where they part, and what each came to",
        description="Aligns the chunks of two runs by the plan's steps, then by name. A plain BACKEND-LOG.md "
        "is compared with what it has.",
    )
    compare.add_argument("left", metavar="RUN", help=REFERENCE)
    compare.add_argument("right", metavar="RUN", help="the other one")
    compare.add_argument("--json", action="store_true")
    where(compare)


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,4})x(\d{1,4})", text)
    width, height = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (SMALLEST <= width <= LARGEST and 5 <= height <= LARGEST):
        raise argparse.ArgumentTypeError(
            f"{text!r}: expected columns x rows, such as 160x48 (20x5 to 400x400)"
        )
    return width, height


def picture_only(args: argparse.Namespace) -> str:
    """What was asked for that only a picture has; "" where all fits."""
    given = [f"--{name}" for name in ("at", "screen", "against", "size") if getattr(args, name) is not None]
    return given[0] if given and args.form != "svg" else ""
