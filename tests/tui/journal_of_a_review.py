"""A chunk under review whose diff has everything that a reviewer may meet, made by hand, and its rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core import events as ev
from core.blobs import sha_of
from core.diff import diff_file, diff_hash
from core.domain import (
    Answer,
    CheckResult,
    ChunkOpening,
    ChunkSummary,
    CommandRun,
    CommentAnswer,
    Diagnostic,
    FileChange,
    Finding,
    ReviewComment,
)
from core.review_rounds import CommentOutcome
from tests.tui import journal_of_a_run as journal

CHUNK = 2
SERVICE = "apps/api/services/wishlist/service.py"
ROUTE = "apps/api/routes/wishlist.ts"
LOCK = "pnpm-lock.yaml"
OLD_FILE = "apps/api/services/wishlist/note_file.py"

SERVICE_BEFORE = '''"""What a user can do with their wishlist."""

from __future__ import annotations

from packages.core.wishlist.item import WishlistDraft, WishlistItem
from packages.core.wishlist.repository import WishlistRepository


class WishlistService:
    def __init__(self, items: WishlistRepository) -> None:
        self._items = items

    def add(self, user_id: str, title: str, set_number: str) -> WishlistItem:
        """Raises Conflict when the set is on the list already."""
        draft = WishlistDraft(user_id=user_id, title=title, set_number=set_number)
        return self._items.add(draft)

    def for_user(self, user_id: str) -> list[WishlistItem]:
        """The user's items, in no particular order."""
        return self._items.of_user(user_id)
'''
SERVICE_AFTER = (
    SERVICE_BEFORE.replace(
        "WishlistRepository) -> None:", "WishlistRepository, clock: Clock = utc_now) -> None:"
    )
    .replace("        self._items = items\n", "        self._items = items\n        self._clock = clock\n")
    .replace(
        "title=title, set_number=set_number)", "title=title.strip(), set_number=set_number)  # TODO: 10497-1"
    )
    .replace(
        "from packages.core.wishlist.item",
        "from packages.core.clock import Clock, utc_now\nfrom packages.core.wishlist.item",
    )
    .replace("in no particular order", "highest priority first")
    .replace("return self._items.of_user(user_id)", "return sorted(self._items.of_user(user_id), key=_rank)")
    + "\n\ndef _rank(item: WishlistItem) -> int:\n    return -item.priority\n"
)
SERVICE_SECOND = SERVICE_AFTER.replace(
    "set_number=set_number)  # TODO: 10497-1", "set_number=normalised(set_number))"
).replace(
    "from packages.core.wishlist.item",
    "from packages.core.sets.set_number import normalised\nfrom packages.core.wishlist.item",
)
ROUTE_AFTER = """import { Router } from "express";

// Adds a set to the wishlist of whoever is signed in.
export const wishlist = Router().post("/", async (req, res) => {
  const item = await req.services.wishlist.add(req.user.id, req.body.title, req.body.setNumber);
  res.status(201).json(LONG);
});
""".replace(
    "LONG", "{ ...item, createdAt: item.createdAt.toISOString(), links: { self: `/wishlist/${item.id}` } }"
)
LOCK_BEFORE = "lockfileVersion: '9.0'\n" + "".join(f"  pkg-{n}@1.0.0: {{}}\n" for n in range(300))
LOCK_AFTER = LOCK_BEFORE.replace("@1.0.0", "@1.1.0")
NOTES = """def notes(path: str) -> list[str]:
    # One wish a line.
    return open(path).read().splitlines()
"""

Texts = dict[str, tuple[bytes | None, bytes | None]]
MYPY = ("mypy", "apps", "packages")


def texts(service: str = SERVICE_AFTER) -> Texts:
    return {
        ROUTE: (None, ROUTE_AFTER.encode()),
        OLD_FILE: (NOTES.encode(), None),
        SERVICE: (SERVICE_BEFORE.encode(), service.encode()),
        LOCK: (LOCK_BEFORE.encode(), LOCK_AFTER.encode()),
    }


def changes(found: Texts) -> tuple[FileChange, ...]:
    """Sorted by path, as a net change is."""
    made = []
    for path, (before, after) in sorted(found.items()):
        change = FileChange(
            path=path,
            action="create" if before is None else "delete" if after is None else "modify",
            before=None if before is None else sha_of(before),
            after=None if after is None else sha_of(after),
        )
        counted = diff_file(change, before, after)
        made.append(replace(change, added=counted.added, removed=counted.removed))
    return tuple(made)


class ReviewView(journal.RecordedView):
    """`found` are the files of the chunk; the diff is made of them."""

    def __init__(self, history: list[ev.Record], found: Texts | None = None, *, live: bool = True) -> None:
        super().__init__(history, live=live)
        self.show(found if found is not None else texts())

    def show(self, found: Texts) -> None:
        self.texts = found
        self.files = tuple(diff_file(change, *found[change.path]) for change in changes(found))


FINDINGS = (
    Finding(
        rule="no-todo", severity="warn", path=SERVICE, line=17, message="a TODO stands for the work itself"
    ),
    Finding(
        rule="dependencies",
        severity="block",
        path=LOCK,
        line=None,
        message="a package that nobody has settled",
    ),
)
DIAGNOSTIC = Diagnostic(
    path=SERVICE,
    line=25,
    column=53,
    code="name-defined",
    severity="error",
    message='Name "_rank" is not defined\nDid you mean "rank"?',
)
ELSEWHERE = Diagnostic(
    path="apps/api/app.py",
    line=12,
    column=1,
    code="arg-type",
    severity="error",
    message='Missing argument "clock"',
)
COMMENTS = (
    ReviewComment(
        text="This leaves 10497 and 10497-1 as two sets.\nWe have normalised() for it.",
        path=SERVICE,
        line=17,
        quote="        draft = ...",
        id="C1",
    ),
    ReviewComment(
        text="Who else reads the file?", path=OLD_FILE, line=1, end_line=3, side="old", quote="x", id="C2"
    ),
    ReviewComment(
        text="", path="docs/wishlist.md", line=4, quote="- sorted by title", kind="reject", id="C3"
    ),
    ReviewComment(text="Why so long?", path=ROUTE, line=6, quote="res.status", id="C4"),
)
OUTCOMES = (
    CommentOutcome(comment=COMMENTS[0], became="changed", line=18, answer="normalised() it is, with a test."),
    CommentOutcome(comment=COMMENTS[1], became="unchanged", line=1, answer="Nobody: I searched for it."),
    CommentOutcome(comment=COMMENTS[2], became="gone"),
    CommentOutcome(comment=COMMENTS[3], became="unchanged", line=6),
)


def checked(round_: int, attempt: int, *diagnostics: Diagnostic) -> list[ev.Event]:
    run = CommandRun(argv=MYPY, cwd="", exit_code=1 if diagnostics else 0, duration_s=1.2)
    result = CheckResult(commands=(run,), diagnostics=diagnostics, duration_s=1.2)
    return [
        ev.CheckStarted(chunk=CHUNK, round=round_, attempt=attempt, commands=(MYPY,)),
        ev.CheckFinished(chunk=CHUNK, round=round_, attempt=attempt, result=result, new=len(diagnostics)),
    ]


def opened(found: Texts) -> list[ev.Event]:
    opening = ChunkOpening(
        name="wishlist service",
        objective="Add an item for a user, and list the user's items by priority",
        steps=("2", "3"),
        criteria=("AC-1", "AC-3"),
    )
    decided = replace(
        journal.ASKED_DECISION,
        request=replace(journal.ASKED_DECISION.request, context=f"What {ROUTE} answers."),
    )
    edits = [e for n, change in enumerate(changes(found)) for e in journal.edit(f"e{n}", CHUNK, change)]
    return [
        ev.ConversationStarted(chunk=CHUNK),
        *journal.turn(2, CHUNK),
        ev.ChunkStarted(chunk=CHUNK, opening=opening),
        *edits,
        decided,
        ev.DecisionResolved(
            request_id="D-2",
            answer=Answer(decision="Created item", decided_by="user", option="1"),
            recorded_as="ARCH-001",
        ),
    ]


def closed(found: Texts, round_: int, findings: Sequence[Finding], *answers: CommentAnswer) -> list[ev.Event]:
    summary = ChunkSummary(
        summary="Adds, and lists by priority. Ties are left as they come.",
        reused=("WishlistRepository", "Clock"),
        new=("_rank",),
        why_new="Nothing sorted wishes yet.",
        notes="The note file goes: nothing reads it.",
        answers=answers,
    )
    return [
        ev.ChunkClosed(chunk=CHUNK, round=round_, summary=summary, files=changes(found), commands=()),
        ev.RulesChecked(chunk=CHUNK, round=round_, findings=tuple(findings)),
    ]


def asked(found: Texts, round_: int, request_id: str) -> list[ev.Event]:
    files = changes(found)
    return [
        ev.ReviewRequested(
            request_id=request_id, chunk=CHUNK, round=round_, diff_hash=diff_hash(files), files=files
        )
    ]


def before_review(found: Texts | None = None) -> list[ev.Record]:
    found = found if found is not None else texts()
    return journal.records(journal.first_chunk(), opened(found))


def at_review(found: Texts | None = None) -> list[ev.Record]:
    """Round 1: nothing was found, the check passed at the first fix."""
    found = found if found is not None else texts()
    return journal.records(
        journal.first_chunk(),
        opened(found),
        closed(found, 1, ()),
        checked(1, 0, ELSEWHERE),
        checked(1, 1),
        asked(found, 1, "R-2"),
    )


def with_findings() -> list[ev.Record]:
    """Findings, and diagnostics of the last attempt, at their lines and elsewhere."""
    found = texts()
    return journal.records(
        journal.first_chunk(),
        opened(found),
        closed(found, 1, FINDINGS),
        checked(1, 0, DIAGNOSTIC, ELSEWHERE),
        asked(found, 1, "R-2"),
    )


def at_second_review() -> list[ev.Record]:
    first, second = texts(), texts(SERVICE_SECOND)
    (review,) = asked(first, 1, "R-2")
    assert isinstance(review, ev.ReviewRequested)
    resolved = ev.ReviewResolved(
        request_id="R-2",
        chunk=CHUNK,
        round=1,
        verdict="request_changes",
        by="user",
        diff_hash=review.diff_hash,
        comment="Close. One set, whoever typed its number.",
        comments=COMMENTS,
    )
    answer = CommentAnswer(comment="C1", text="normalised() it is, with a test.")
    service = next(change for change in changes(second) if change.path == SERVICE)
    return journal.records(
        journal.first_chunk(),
        opened(first),
        closed(first, 1, ()),
        checked(1, 0),
        [review, resolved],
        journal.edit("e9", CHUNK, service),
        closed(second, 2, (), answer),
        checked(2, 0),
        asked(second, 2, "R-3"),
    )


def waived(finding: Finding, reason: str) -> ev.FindingWaived:
    return ev.FindingWaived(chunk=CHUNK, finding=finding, reason=reason, by="user")
