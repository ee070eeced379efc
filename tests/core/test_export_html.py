"""The page of a run: well-formed, closed in itself, bounded, and nobody's text gets out of its place."""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings

from core import events as ev
from core.diff import diff_file
from core.domain import ChunkSummary, CommentAnswer, FileChange, Finding, ReviewComment
from core.exports.html import page
from core.exports.html_diff import MOST_FILE_LINES, DiffBudget, file_diff
from core.exports.html_style import STYLE
from core.exports.tag import EMPTY
from core.journal_recording import open_recording
from core.recording import Recording
from tests.core.folded_recording import Contents, FoldedRecording, chunk, started
from tests.core.hostile_run import ACTING, EVIL, everywhere, hostile_texts

JOURNALS = Path(__file__).resolve().parents[1] / "journals"
NAMES = ("python", "python-blocked")


class Page(HTMLParser):
    """Reads a page strictly: every element is closed, in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute comes twice in <{tag}>"
        self.tags.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    @property
    def text(self) -> str:
        return "".join(self.words)

    def shape(self) -> Counter[tuple[str, tuple[str, ...]]]:
        """Which elements with which attributes, however often."""
        return Counter((tag, tuple(sorted(attrs))) for tag, attrs in self.tags)


def read(recording: Recording) -> Page:
    return Page("".join(page(recording)))


@pytest.fixture(scope="module", params=NAMES)
def sample(request: pytest.FixtureRequest) -> Page:
    return read(open_recording(JOURNALS / request.param))


def test_it_is_closed_in_itself(sample: Page) -> None:
    names = {name for _, attrs in sample.tags for name in attrs}
    assert not {name for name in names if name.startswith("on")} and "style" not in names
    assert not {"script", "iframe", "object", "embed", "form", "img", "base"} & {
        tag for tag, _ in sample.tags
    }
    links = [attrs["href"] or "" for _, attrs in sample.tags if "href" in attrs]
    assert {link for link in links if not link.startswith("#")} == {"data:,"}
    assert not [name for name in names if name in ("src", "srcset", "action", "xlink:href", "poster")]


def test_every_link_has_its_place(sample: Page) -> None:
    ids = [attrs["id"] for _, attrs in sample.tags if "id" in attrs]
    assert len(set(ids)) == len(ids)
    assert {attrs["href"] for tag, attrs in sample.tags if tag == "a"} <= {f"#{name}" for name in ids}


def test_the_policy_lets_only_its_own_style_in() -> None:
    text = "".join(page(open_recording(JOURNALS / "python")))
    style = text.partition("<style>")[2].partition("</style>")[0]
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    assert policy[1].startswith("default-src &#x27;none&#x27;")
    assert b64encode(sha256(style.encode()).digest()).decode() in policy[1]
    assert "url(" not in style and "@import" not in style


def test_pictures_have_words_and_headings_go_down_a_level_at_a_time(sample: Page) -> None:
    for tag, attrs in sample.tags:
        if tag == "svg" and "x" not in attrs:
            assert attrs.get("aria-label") or attrs.get("aria-hidden") == "true"
    levels = [int(tag[1]) for tag, _ in sample.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_what_a_colleague_wants_to_know_is_there(sample: Page) -> None:
    for words in (
        "WISH-001",
        "Can it be trusted?",
        "Timeline",
        "moderate",
        "Factory functions in the test module",
    ):
        assert words in sample.text
    assert "matrix" in sample.text and "Why it was not asked" in sample.text


def test_a_blocked_run_says_what_stands_in_the_way_and_shows_its_error_at_its_line() -> None:
    shown = read(open_recording(JOURNALS / "python-blocked"))
    assert "What stands in the way" in shown.text and "What was tried" in shown.text
    row = re.search(
        r"assert \(added\.id, added\.priority.{0,80}?Check: error union-attr, line 28", shown.text, re.S
    )
    assert row, "the error stands beneath its line of the diff"


# --- bounds -----------------------------------------------------------------------------


def test_a_long_file_ends_with_a_count_of_what_was_left_out() -> None:
    contents = Contents()
    change = contents.change("big.py", None, "".join(f"line {n}\n" for n in range(5_000)))
    shown = read(FoldedRecording([started(), *chunk(1, [change])], contents))
    rows = sum(tag == "tr" and attrs.get("class") == "a" for tag, attrs in shown.tags)
    assert rows == MOST_FILE_LINES
    assert "4,400 more lines of this diff not shown here (5,000 lines in all)" in shown.text


def test_the_page_as_a_whole_has_bounds() -> None:
    contents = Contents()
    change = contents.change("a.py", None, "x\n" * 30)
    budget = DiffBudget(lines=10)
    diff = diff_file(change, None, contents[change.after or ""])
    first = "".join(file_diff(change, diff, (), budget))
    second = "".join(file_diff(change, diff, (), budget))
    assert first.count('<tr class="a">') == 10 and "20 more lines" in first
    assert second.count('<tr class="a">') == 0 and "30 more lines" in second


def test_a_lost_content_is_said_and_the_rest_is_there() -> None:
    contents = Contents()
    lost, kept = contents.change("lost.py", None, "gone\n"), contents.change("kept.py", None, "here\n")
    del contents[lost.after or ""]
    shown = read(FoldedRecording([started(), *chunk(1, [lost, kept])], contents))
    assert "Its content is lost" in shown.text and "here" in shown.text


def test_a_binary_file_and_a_file_without_contents_have_no_diff() -> None:
    contents = Contents()
    binary = contents.change("a.bin", None, "\0\1")
    named = FileChange(path="only/named.py", action="modify", before=None, after=None)
    shown = read(FoldedRecording([started(), *chunk(1, [binary])], contents))
    assert "A binary file" in shown.text
    shown = read(FoldedRecording([started(), *chunk(1, [named])], timed=False, title="BACKEND-LOG.md"))
    assert "only/named.py" in shown.text and "the log has no times" in shown.text


# --- what was said of lines ---------------------------------------------------------------


def test_a_comment_stands_beneath_its_line() -> None:
    contents = Contents()
    change = contents.change("a.py", "one\ntwo\n", "one\nTWO\n")
    comment = ReviewComment(text="Why shout?", path="a.py", line=2)
    shown = read(FoldedRecording([started(), *chunk(1, [change], comments=(comment,))], contents))
    assert re.search(r"TWOComment by user, round 1, line 2Why shout\?", shown.text)


def test_a_comment_of_an_earlier_round_says_what_became_of_it_and_what_was_answered() -> None:
    contents = Contents()
    first = contents.change("a.py", None, "one\nTODO\n")
    mended = contents.change("a.py", "one\nTODO\n", "one\ntwo\n")
    net = contents.change("a.py", None, "one\ntwo\n")
    comment = ReviewComment(id="C1", text="Not later.", path="a.py", line=2)
    opened, *_ = [e for e in chunk(1) if isinstance(e, ev.ChunkStarted)]
    answer = CommentAnswer(comment="C1", text="Done now.")
    events: list[ev.Event] = [
        started(),
        ev.ConversationStarted(chunk=1),
        opened,
        ev.FileChanged(chunk=1, call_id="t", change=first),
        ev.ChunkClosed(chunk=1, round=1, summary=ChunkSummary(summary="."), files=(first,), commands=()),
        ev.ReviewRequested(request_id="r1", chunk=1, round=1, diff_hash="h", files=(first,)),
        ev.ReviewResolved(
            request_id="r1",
            chunk=1,
            round=1,
            verdict="request_changes",
            by="user",
            diff_hash="h",
            comments=(comment,),
        ),
        ev.FileChanged(chunk=1, call_id="t", change=mended),
        ev.ChunkClosed(
            chunk=1,
            round=2,
            summary=ChunkSummary(summary=".", answers=(answer,)),
            files=(net,),
            commands=(),
        ),
    ]
    shown = read(FoldedRecording(events, contents))
    assert re.search(
        r"twoComment by user, round 1: changed since, line 2Not later\.Answer: Done now\.", shown.text
    )


def test_a_waived_finding_says_by_whom_and_why() -> None:
    finding = Finding(rule="todo", severity="block", path="a.py", line=1, message="a TODO")
    contents = Contents()
    change = contents.change("a.py", None, "# later\n")
    said: list[ev.Event] = [
        ev.RulesChecked(chunk=1, round=1, findings=(finding,)),
        ev.FindingWaived(chunk=1, finding=finding, reason="it moved", by="user"),
    ]
    shown = read(FoldedRecording([started(), *chunk(1, [change], between=said)], contents))
    assert "waived by user: it moved" in shown.text and "1 finding waived" in shown.text


def test_changed_words_are_marked() -> None:
    contents = Contents()
    change = contents.change("a.py", "total = price\n", "total = price + tax\n")
    shown = "".join(page(FoldedRecording([started(), *chunk(1, [change])], contents)))
    assert "<b> + tax</b>" in shown


# --- hostile ------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(text=hostile_texts)
def test_no_text_breaks_out_of_its_place(text: str) -> None:
    """The page has the very elements of one with harmless words, and nothing in it acts."""
    # A NUL makes a file binary in both.
    shown, harmless = read(everywhere(text)), read(everywhere(re.sub(r"[^\s\x00]", "x", text)))
    assert without_emphasis(shown) == without_emphasis(harmless)
    assert not ACTING.search(shown.text)


def without_emphasis(shown: Page) -> Counter[tuple[str, tuple[str, ...]]]:
    """Which words of a line are marked depends on the words."""
    shape = shown.shape()
    del shape["b", ()]
    return shape


@pytest.mark.parametrize("text", EVIL)
def test_known_tricks_are_text(text: str) -> None:
    raw = "".join(page(everywhere(text)))
    raw.encode()
    assert not {"script", "img", "textarea"} & {tag for tag, _ in Page(raw).tags}


# --- readable -----------------------------------------------------------------------------


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_colours_can_be_read(scheme: str) -> None:
    """WCAG AA, 4.5 to 1, for every text on what it stands on."""
    light, _, dark = STYLE.partition("@media (prefers-color-scheme: dark)")
    found = dict(
        re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light if scheme == "light" else dark.partition("* {")[0])
    )
    pairs = [(text, on) for text in ("text", "muted", "link") for on in ("page", "card", "sunk")]
    pairs += [(tone, f"{tone}-bg") for tone in ("ok", "bad", "warn", "asks", "now")]
    pairs += [("muted", "idle-bg"), ("link", "idle-bg")]
    pairs += [("text", on) for on in ("add", "del", "add-word", "del-word")] + [
        ("muted", "add"),
        ("muted", "del"),
    ]
    for text, on in pairs:
        low, high = sorted((luminance(found[text]), luminance(found[on])))
        assert (high + 0.05) / (low + 0.05) >= 4.5, f"{text} on {on}"
