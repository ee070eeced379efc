"""`signoff compare RUN RUN`: two runs of a story side by side, as text or as JSON."""

from __future__ import annotations

import argparse

from core.ending import COMPLETE


def compare_runs(args: argparse.Namespace) -> int:
    from core.compare import compare
    from core.export_command import open_for_others

    left = open_for_others(args.left, args.workspace)
    try:
        right = open_for_others(args.right, args.workspace)
        try:
            found = compare(left, right)
        finally:
            right.close()
    finally:
        left.close()
    if args.json:
        from core.compare_json import to_json
        from core.spoken import print_json

        print_json(to_json(found))
    else:
        from core.compare_table import table

        print(table(found))
    return COMPLETE
