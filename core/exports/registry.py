"""All forms that a run is exported in. One file a form, one line each here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.domain import value
from core.exports.html import page
from core.exports.json import document
from core.exports.markdown import description
from core.recording import Recording


@value
class ExportForm:
    """`pieces` gives the text bit by bit, so that a run of any length is never in memory as a whole."""

    ending: str
    pieces: Callable[[Recording], Iterator[str]]


EXPORTS: dict[str, ExportForm] = {
    "html": ExportForm(ending=".html", pieces=page),
    "json": ExportForm(ending=".json", pieces=document),
    "markdown": ExportForm(ending=".md", pieces=description),
}
