"""The one way in which untrusted text reaches a widget (RELIABILITY, promise 8).

Whatever the model, a tool, a file or a server says becomes `Content` here: never markup, never a control
code. A test greps the rest of `tui/` for other ways.
"""

from __future__ import annotations

from typing import TypeAlias

from textual.content import Content

from core.visible import visible

Part: TypeAlias = "str | tuple[str, str] | Content"

ELLIPSIS = "…"


def safe(text: str, style: str = "", *, keep_newlines: bool = True) -> Content:
    """`text` as Content, every control and bidi character visible. `style` is ours, never untrusted."""
    shown = visible(text, keep_newlines=keep_newlines)
    return Content.styled(shown, style) if style else Content(shown)


def row(*parts: Part) -> Content:
    """One line put together of parts: text, or (text, style), or Content made here before."""
    return Content.assemble(*map(_piece, parts), strip_control_codes=False)


def _piece(part: Part) -> Content | tuple[str, str]:
    if isinstance(part, Content):
        return part
    text, style = (part, "") if isinstance(part, str) else part
    return (visible(text, keep_newlines=False), style)


def fit(content: Content, width: int) -> Content:
    """`content` cut to `width` cells, with an ellipsis where something was cut."""
    if width <= 0:
        return Content("")
    return content if content.cell_length <= width else content.truncate(width, ellipsis=True)


def split_row(left: Content, right: Content, width: int, *, gap: int = 2) -> Content:
    """`left` at the left and `right` at the right of `width` cells; the right one gives way first."""
    room = width - left.cell_length - gap
    if room < 1:
        return fit(left, width)
    right = fit(right, room)
    space = " " * (width - left.cell_length - right.cell_length)
    return left.append(space).append(right)


def one_line(text: str) -> str:
    """`text` as a plain string without line breaks or control characters: titles, notifications."""
    return visible(text, keep_newlines=False)
