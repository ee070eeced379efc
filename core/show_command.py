"""`log show`, `plan show`, `scope show` and `story show`: a page, JSON for scripts, or the file again."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.ending import COMPLETE
from core.source_file import SourceFile, read_source
from core.spoken import print_json

if TYPE_CHECKING:
    from core.domain import JsonObject, Plan, Scope
    from core.page import Page


def show(args: argparse.Namespace) -> int:
    """Does the command. Any bytes can be shown; what can't be read at all is an InputFault."""
    match args.command:
        case "log":
            return _log(args, read_source(args.file))
        case "plan":
            return _plan(args, read_source(args.file))
        case "scope":
            return _scope(args, read_source(args.file))
        case _:
            return _story(args)


def _log(args: argparse.Namespace, source: SourceFile) -> int:
    from core.logs.backend_log_reader import read_log
    from core.logs.log_document import read_document
    from core.show_log import log_page

    if args.raw:
        return _put_raw(read_document(source.data).raw)
    read = read_log(source.data)
    return _put(args, read.to_json(), lambda: log_page(read, source.name))


def _plan(args: argparse.Namespace, source: SourceFile) -> int:
    from core.logs.log_document import read_document
    from core.show_pages import plan_json, plan_page

    if args.raw:
        return _put_raw(read_document(source.data).raw)
    plan = _read_plan(source)
    return _put(args, plan_json(plan), lambda: plan_page(plan))


def _read_plan(source: SourceFile) -> Plan:
    from core.plan import parse_plan_markdown, parse_plan_yaml

    parse = parse_plan_yaml if source.is_yaml else parse_plan_markdown
    return parse(source.text, source.name)


def _scope(args: argparse.Namespace, source: SourceFile) -> int:
    from core.logs.log_document import read_document
    from core.show_pages import scope_json, scope_page

    if args.raw:
        return _put_raw(read_document(source.data).raw)
    scope = _read_scope(source)
    return _put(args, scope_json(scope), lambda: scope_page(scope, source.name))


def _read_scope(source: SourceFile) -> Scope:
    from core.scope import parse_scope_markdown, parse_scope_yaml

    parse = parse_scope_yaml if source.is_yaml else parse_scope_markdown
    return parse(source.text, source.name)


def _story(args: argparse.Namespace) -> int:
    from core.show_story import look_at_story, story_page

    found = look_at_story(args.feature_dir, args.story_id, args.stage)
    if args.raw:
        return _put_raw(found.raw)
    return _put(args, found.to_json(), lambda: story_page(found))


def _put(args: argparse.Namespace, found: JsonObject, page: Callable[[], Page]) -> int:
    from core.page import print_page

    if isinstance(sys.stdout, io.TextIOWrapper):  # whatever the locale says: JSON and our own marks are UTF-8
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    if args.json:
        print_json(found)
    else:
        print_page(page())
    return COMPLETE


def _put_raw(data: bytes) -> int:
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
    return COMPLETE
