"""Text that others wrote, so that it can be shown: no character of it acts on the terminal."""

from __future__ import annotations

import re
import unicodedata

TAB = "    "
PLAIN = re.compile(r"[\x20-\x7e\n]*")


def visible(text: str, keep_newlines: bool = True) -> str:
    """`text` with every character of Unicode category C made visible; a tab becomes four spaces.

    C0 controls become their control pictures (`␛`), the others `<U+202E>`. Line and paragraph separators
    are shown too: terminals and log readers disagree on them. Without `keep_newlines` the result is one line.
    """
    if PLAIN.fullmatch(text) and (keep_newlines or "\n" not in text):
        return text
    return "".join(_shown(char, keep_newlines) for char in text)


def _shown(char: str, keep_newlines: bool) -> str:
    if char == "\t":
        return TAB
    if char == "\n" and keep_newlines:
        return char
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if unicodedata.category(char)[0] == "C" or char in "\u2028\u2029":
        return f"<U+{code:04X}>"
    return char
