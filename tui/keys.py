"""Which keys work now, in words. One table feeds the key bar, the help screen and the command palette."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

PromptKind = Literal["", "decision", "batch", "review", "input", "ended"]
PromptStage = Literal[
    "choosing", "writing", "confirming", "retiering", "elaborating", "preferring", "rejecting", "done"
]
ComposerKind = Literal["", "message", "changes", "comment", "approve", "waive"]


class KeyHint(NamedTuple):
    """`action` is an action of the run screen; empty where the key belongs to a widget. `short` is said where
    the labels of a prompt don't all fit."""

    key: str
    label: str
    action: str = ""
    short: str = ""


class HelpEntry(NamedTuple):
    keys: str
    what: str


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the choice of keys depends on. `undoable` is the chunk that can be undone; 0: none."""

    live: bool = True
    prompt: PromptKind = ""
    prompt_focused: bool = True
    composer: ComposerKind = ""
    composer_focused: bool = True
    stage: PromptStage = "choosing"
    preferable: bool = True
    overturnable: bool = False
    decided: bool = False
    undoable: int = 0
    comments: int = 0
    pending: int = 0
    paused: bool = False
    stopping: bool = False
    pinned: bool = False


HELP = KeyHint("?", "help", "help")
QUIT = KeyHint("q", "quit", "leave")
LOCK = KeyHint("l", "lock as project preference", "lock", "lock")
LEARN = KeyHint("w", "remember as learned", "learn", "remember")
ELABORATE = KeyHint("e", "ask the worker to elaborate", "elaborate", "elaborate")
RETIER = KeyHint("t", "re-tier", "retier")
STOP_BLOCKED = KeyHint("x", "stop and write BLOCKERS.md", "stop_here", "stop")
STAGE_KEYS: dict[PromptStage, tuple[KeyHint, ...]] = {
    "writing": (KeyHint("enter", "answer"),),
    "confirming": (KeyHint("enter", "confirm"), KeyHint("page down", "read what would happen")),
    "retiering": (KeyHint("1-5", "a tier"), KeyHint("enter", "put it there", "choose")),
    "elaborating": (KeyHint("enter", "ask the worker"),),
    "preferring": (KeyHint("enter", "answer and save the preference"),),
    "rejecting": (KeyHint("enter", "reject"),),
}
COMPOSER_KEYS: dict[ComposerKind, tuple[KeyHint, ...]] = {
    "message": (
        KeyHint("enter", "send"),
        KeyHint("ctrl+j", "new line"),
        KeyHint("esc", "close, keep the draft"),
    ),
    "changes": (
        KeyHint("ctrl+s", "send"),
        KeyHint("enter", "new line"),
        KeyHint("esc", "close, keep the draft"),
    ),
    "comment": (
        KeyHint("ctrl+s", "add"),
        KeyHint("enter", "new line"),
        KeyHint("esc", "close, keep the draft"),
    ),
    "approve": (
        KeyHint("ctrl+s", "approve"),
        KeyHint("enter", "new line"),
        KeyHint("esc", "close, keep the draft"),
    ),
    "waive": (
        KeyHint("ctrl+s", "waive"),
        KeyHint("enter", "new line"),
        KeyHint("esc", "close, keep the draft"),
    ),
}


def keys_now(now: Situation) -> tuple[KeyHint, ...]:
    """The hints for the key bar, the most needed first."""
    if now.composer and not now.composer_focused:
        return (
            KeyHint("m", "go on writing", "message"),
            KeyHint("esc", "close, keep the draft", "back"),
            HELP,
        )
    if now.composer:
        return COMPOSER_KEYS[now.composer]
    if now.stage in STAGE_KEYS and now.prompt_focused:
        return (*STAGE_KEYS[now.stage], KeyHint("esc", "back", "back"))
    return (*_prompt_keys(now), *_run_keys(now), HELP, QUIT)


def _prompt_keys(now: Situation) -> tuple[KeyHint, ...]:
    another = (KeyHint("o", "next question", "next_question"),) if now.pending > 1 else ()
    if not now.live or now.prompt in ("", "ended"):
        return ()
    if now.prompt == "review":
        send = f"send {now.comments} comments" if now.comments > 1 else "send 1 comment"
        return (
            KeyHint("a", "approve", "approve"),
            KeyHint("c", send if now.comments else "request changes", "changes"),
            KeyHint("r", "revert", "revert"),
            KeyHint("d", "review the diff", "diff"),
            KeyHint("x", "stop", "stop_here"),
            *another,
        )
    if not now.prompt_focused:
        stop = KeyHint("x", "stop", "stop_here")
        return (KeyHint("0", "answer", "to_prompt"), stop, *another)
    return (*_answer_keys(now), *another)


def _answer_keys(now: Situation) -> tuple[KeyHint, ...]:
    if now.prompt == "decision":
        remembered = (LOCK, LEARN) if now.preferable else ()
        return (KeyHint("enter", "choose", "choose"), *remembered, ELABORATE, RETIER, STOP_BLOCKED)
    if now.prompt == "batch":
        return (
            KeyHint("A", "approve all", "approve_all"),
            KeyHint("enter", "review one", "choose"),
            KeyHint("R", "reject", "reject"),
            STOP_BLOCKED,
        )
    return (KeyHint("enter", "choose", "choose"), KeyHint("x", "stop", "stop_here"))


def _run_keys(now: Situation) -> tuple[KeyHint, ...]:
    back = (KeyHint("esc", "latest chunk", "back"),) if now.pinned else ()
    diff = () if now.prompt == "review" and now.live else (KeyHint("d", "diff", "diff"),)
    ledger = (KeyHint("v", "overturn", "overturn"),) if now.overturnable else ()
    what_if = (KeyHint("W", "what-if", "what_if"),) if now.decided else ()
    if not now.live or now.prompt == "ended":
        return (*back, *ledger, *diff, *what_if)
    undo = (KeyHint("u", f"undo chunk {now.undoable}", "undo_chunk"),) if now.undoable else ()
    stop = () if now.stopping else (KeyHint("s", "stop after the chunk", "stop_boundary"),)
    return (
        *back,
        *ledger,
        *diff,
        KeyHint("m", "message", "message"),
        KeyHint("p", "resume" if now.paused else "pause", "pause"),
        *stop,
        *undo,
        *what_if,
    )


HELP_ENTRIES = (
    HelpEntry("1 - 6", "go to a panel: plan, decisions, chunk, check, tokens, rules"),
    HelpEntry("tab, shift+tab", "the next, the previous panel"),
    HelpEntry("up down j k", "move; page up, page down, home, end too"),
    HelpEntry("enter", "open: a step's chunk, a decision's reasons, a diagnostic, a long command"),
    HelpEntry("esc", "one step back: out of writing, to the latest chunk, to the stream"),
    HelpEntry("d", "the chunk's diff on the whole screen: review it, comment on its lines"),
    HelpEntry("< >", "make the column of the panel narrower, wider"),
    HelpEntry("- +", "make the panel lower, higher in its column"),
    HelpEntry("a", "approve the chunk under review: exactly the diff that was shown"),
    HelpEntry("c", "request changes: a comment, sent with those on lines as one review"),
    HelpEntry("r", "revert the chunk, after one more question"),
    HelpEntry("u", "undo the last approved chunk, after one more question"),
    HelpEntry("x", "stop at this question, after one more question"),
    HelpEntry("l", "in a decision: choose the option, and lock it as a preference of the project"),
    HelpEntry("w", "in a decision: choose the option, and remember it as a learned preference"),
    HelpEntry("e", "in a decision: ask the worker to elaborate; elsewhere the chunk's log entry"),
    HelpEntry("t", "in a decision: put it in another tier"),
    HelpEntry("A, R", "in a list of queued decisions: approve all, reject the one under the cursor"),
    HelpEntry("v", "in the decisions panel: overturn what was decided without you"),
    HelpEntry("L", "the ledger: every decision on the whole screen, with filters"),
    HelpEntry("W", "what-if: the run's decisions under each autonomy level"),
    HelpEntry("0", "go to the question that waits"),
    HelpEntry("o", "the next question, when several wait"),
    HelpEntry("m", "write a message to the worker, delivered at its next turn"),
    HelpEntry("p", "pause, resume"),
    HelpEntry("s", "stop when the chunk is finished"),
    HelpEntry("S", "stop now, after one more question"),
    HelpEntry("ctrl+p", "every action by name; also autonomy and theme"),
    HelpEntry("q, ctrl+q", "quit; a live run stays in its journal and can be resumed"),
)
