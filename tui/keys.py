"""Which keys work now, in words. One table feeds the key bar, the help screen and the command palette."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

PromptKind = Literal["", "decision", "review", "input", "ended"]
ComposerKind = Literal["", "message", "changes", "comment"]


class KeyHint(NamedTuple):
    """`action` is an action of the run screen; empty where the key belongs to a widget."""

    key: str
    label: str
    action: str = ""


class HelpEntry(NamedTuple):
    keys: str
    what: str


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the choice of keys depends on."""

    live: bool = True
    prompt: PromptKind = ""
    prompt_focused: bool = True
    composer: ComposerKind = ""
    composer_focused: bool = True
    stage: Literal["choosing", "writing", "confirming", "done"] = "choosing"
    tab: str = "stream"
    comments: int = 0
    pending: int = 0
    paused: bool = False
    stopping: bool = False
    pinned: bool = False


HELP = KeyHint("?", "help", "help")
QUIT = KeyHint("q", "quit", "leave")
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
    if now.prompt == "decision" and now.stage != "choosing":
        return (
            KeyHint("enter", "confirm" if now.stage == "confirming" else "answer"),
            KeyHint("esc", "back"),
        )
    return (*_prompt_keys(now), *_run_keys(now), HELP, QUIT)


def _prompt_keys(now: Situation) -> tuple[KeyHint, ...]:
    another = (KeyHint("o", "next question", "next_question"),) if now.pending > 1 else ()
    if not now.live or now.prompt in ("", "ended"):
        return ()
    if now.prompt == "review":
        send = f"send {now.comments} comments" if now.comments > 1 else "send 1 comment"
        comment = (KeyHint("i", "comment", "comment"),) if now.tab == "diff" else ()
        return (
            KeyHint("a", "approve", "approve"),
            KeyHint("c", send if now.comments else "request changes", "changes"),
            KeyHint("r", "revert", "revert"),
            *comment,
            KeyHint("x", "stop", "stop_here"),
            *another,
        )
    stop = "stop and write BLOCKERS.md" if now.prompt == "decision" else "stop"
    answer = (
        KeyHint("enter", "choose", "choose") if now.prompt_focused else KeyHint("0", "answer", "to_prompt")
    )
    return (
        answer,
        KeyHint("x", stop, "stop_here"),
        *another,
    )


def _run_keys(now: Situation) -> tuple[KeyHint, ...]:
    back = (KeyHint("esc", "latest chunk", "back"),) if now.pinned else ()
    tab = KeyHint("d", "stream" if now.tab == "diff" else "diff", "diff")
    if not now.live or now.prompt == "ended":
        return (*back, tab)
    stop = () if now.stopping else (KeyHint("s", "stop after the chunk", "stop_boundary"),)
    return (
        *back,
        tab,
        KeyHint("m", "message", "message"),
        KeyHint("p", "resume" if now.paused else "pause", "pause"),
        *stop,
    )


HELP_ENTRIES = (
    HelpEntry("1 - 6", "go to a panel: plan, decisions, chunk, check, tokens, rules"),
    HelpEntry("tab, shift+tab", "the next, the previous panel"),
    HelpEntry("up down j k", "move; page up, page down, home, end too"),
    HelpEntry("enter", "open: a step's chunk, a decision's reasons, a diagnostic, a long command"),
    HelpEntry("esc", "one step back: out of writing, to the latest chunk, to the stream"),
    HelpEntry("d", "the chunk's diff, and back to its stream"),
    HelpEntry("e", "the chunk's log entry"),
    HelpEntry("< >", "make the column of the panel narrower, wider"),
    HelpEntry("- +", "make the panel lower, higher in its column"),
    HelpEntry("a", "approve the chunk under review: exactly the diff that was shown"),
    HelpEntry("c", "request changes: a comment, sent with those on lines as one review"),
    HelpEntry("i", "in the diff: comment on the line under the cursor"),
    HelpEntry("r", "revert the chunk, after one more question"),
    HelpEntry("x", "stop at this question, after one more question"),
    HelpEntry("0", "go to the question that waits"),
    HelpEntry("o", "the next question, when several wait"),
    HelpEntry("m", "write a message to the worker, delivered at its next turn"),
    HelpEntry("p", "pause, resume"),
    HelpEntry("s", "stop when the chunk is finished"),
    HelpEntry("S", "stop now, after one more question"),
    HelpEntry("ctrl+p", "every action by name; also autonomy and theme"),
    HelpEntry("q, ctrl+q", "quit; a live run stays in its journal and can be resumed"),
)
