"""Markup that untrusted text can't get out of: what is not `Html` is text, and escaped where it is put in."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from core.untrusted import visible

EMPTY = frozenset({"meta", "link", "br"})
CUT = "…"


class Html(str):
    """Markup that was made here. Joined with a plain text it is a plain text again, and would be escaped."""

    __slots__ = ()


def tag(name: str, /, *inside: str, **attributes: str | float | None) -> Html:
    """An element. `class_="x"` and `aria_label="x"` are the attributes' names; None leaves one out."""
    if name in EMPTY:
        return start(name, **attributes)
    return Html(f"{start(name, **attributes)}{joined(inside)}{end(name)}")


def start(name: str, /, **attributes: str | float | None) -> Html:
    given = (
        f' {key.rstrip("_").replace("_", "-")}="{_escaped(str(said), keep_newlines=False)}"'
        for key, said in attributes.items()
        if said is not None
    )
    return Html(f"<{name}{''.join(given)}>")


def end(name: str) -> Html:
    return Html(f"</{name}>")


def joined(parts: Iterable[str]) -> Html:
    """Markup as it is, text escaped."""
    return Html("".join(part if isinstance(part, Html) else _escaped(part) for part in parts))


def _escaped(text: str, keep_newlines: bool = True) -> str:
    return escape(visible(text.replace("\r\n", "\n"), keep_newlines=keep_newlines), quote=True)


# --- parts that every section has -------------------------------------------------------


def facts(rows: Iterable[tuple[str, str]], class_: str = "facts") -> Html:
    """A list of terms and what they are; rows without a text are left out."""
    given = [(term, said) for term, said in rows if said]
    return tag("dl", *(tag("div", tag("dt", term), tag("dd", said)) for term, said in given), class_=class_)


def listed(items: Iterable[str], class_: str | None = None) -> Html:
    return tag("ul", *(tag("li", item) for item in items), class_=class_)


def code(text: str) -> Html:
    return tag("code", text)


def folded(summary: str, *inside: str, opened: bool = False, class_: str | None = None) -> Html:
    return tag("details", tag("summary", summary), *inside, class_=class_, open="" if opened else None)


def pill(mark: str, words: str, tone: str) -> Html:
    """A status: its mark says it too, so that nothing is told by colour alone."""
    return tag("span", tag("span", mark, aria_hidden="true"), f" {words}", class_=f"pill {tone}")


def cut(text: str, most: int) -> str:
    """At most `most` characters, and how many were left out."""
    return text if len(text) <= most else f"{text[:most]}{CUT} ({len(text) - most:,} more characters)"
