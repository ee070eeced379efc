"""`signoff kb add|search|import|stats`: the knowledge base of a workspace, by hand (SPEC 8)."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from core.ending import COMPLETE
from core.knowledge import FILE_NAME, KnowledgeBase, KnowledgeFault, Lesson, Query
from core.knowledge_files import harvest
from core.redaction import Redactor
from core.runs import state_folder
from core.secrets_known import known_secrets
from core.spoken import one_line, print_json, say
from core.story import InputFault, find_workspace


def kb(args: argparse.Namespace) -> int:
    """Does what `args.action` says. InputFault for a knowledge base that can't be used."""
    root = find_workspace(args.workspace)
    try:
        return ACTIONS[args.action](args, root)
    except KnowledgeFault as fault:
        raise InputFault(str(fault)) from None


def base_of(root: Path) -> KnowledgeBase:
    return KnowledgeBase(root / ".signoff" / FILE_NAME)


def _add(args: argparse.Namespace, root: Path) -> int:
    text = sys.stdin.read() if args.text == "-" else args.text
    lesson = Lesson(
        content=_clean(text, root),
        role=args.role,
        entry_type=args.type,
        tags=tuple(args.tag),
        source="added by hand",
    )
    if not lesson.content.strip():
        raise InputFault("kb add: expected a text, not an empty one")
    state_folder(root)
    (entry,) = base_of(root).add([lesson])
    print(entry)
    return COMPLETE


def _search(args: argparse.Namespace, root: Path) -> int:
    found = base_of(root).search(
        Query(
            query=args.query,
            role=args.role,
            tags=tuple(args.tag),
            entry_type=args.type,
            limit=args.limit,
            min_confidence=args.min_confidence,
        )
    )
    if args.json:
        print_json(found.to_json())
        return COMPLETE
    if not found.entries:
        print("nothing found" if base_of(root).count() else "the knowledge base is empty")
    elif found.fallback:
        print("no entry has all of the words; these have some:")
    for entry in found.entries:
        tags = f" [{' '.join(entry.tags)}]" if entry.tags else ""
        print(f"{entry.id}  {entry.relevance:.2f}  {entry.entry_type}, {entry.role}{tags}")
        print(f"    {one_line(entry.content)}")
    return COMPLETE


def _import(args: argparse.Namespace, root: Path) -> int:
    if not args.dir.is_dir():
        raise InputFault(f"{args.dir}: expected a folder")
    state_folder(root)
    base = base_of(root)
    before, files = sum(base.count().values()), 0
    for each in harvest(args.dir):
        if each.problem:
            say(f"signoff: {one_line(each.file)}: {each.problem}; left out")
        cleaned = [
            Lesson(
                content=_clean(lesson.content, root),
                role=lesson.role,
                entry_type=lesson.entry_type,
                tags=lesson.tags,
                source=lesson.source,
            )
            for lesson in each.lessons
        ]
        if cleaned:
            files += 1
            base.add(cleaned)
    new = sum(base.count().values()) - before
    print(f"{new} new entries from {files} files")
    return COMPLETE


def _stats(args: argparse.Namespace, root: Path) -> int:
    base = base_of(root)
    counts = base.count()
    if args.json:
        print_json({"file": str(base.path), "entries": sum(counts.values()), "by_type": counts})
        return COMPLETE
    print(f"{sum(counts.values())} entries in {base.path}")
    for kind, number in counts.items():
        print(f"  {number:>6}  {one_line(kind)}")
    return COMPLETE


def _clean(text: str, root: Path) -> str:
    """What goes in can come out to a model: no secrets."""
    return Redactor(known_secrets(root, os.environ)).text(text)


ACTIONS = {"add": _add, "search": _search, "import": _import, "stats": _stats}
