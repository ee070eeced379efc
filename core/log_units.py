"""A log in the units that it is read by: its start, each chunk with the text behind it, its end.

Unit 0 is the start, unit n the chunk n (from 1, in the order of the log), the one behind the last chunk the
end. A log without chunk headings is one chunk of all that it says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from core import __version__
from core import events as ev
from core.domain import Budgets, Plan, Scope, Step, Story, Usage, WorkerProfile
from core.log_beneath import Beneath, is_beneath
from core.log_events import chunk_events, ended_by, name_of, said
from core.logs.backend_log_reader import TOKENS, files_outside, story_of
from core.logs.log_chunk import LogChunk, read_chunk
from core.logs.log_commands import LogCommand, commands_in
from core.logs.log_document import LogDocument, Section
from core.logs.log_fields import fields_of
from core.logs.log_files import LogFile
from core.logs.log_signal import last_signal
from core.logs.log_tokens import TokenNumbers, token_numbers
from core.markdown import RULE

MOST_STEPS = 500
"""A log of more chunks is no list that a person reads: its chunks are then not shown as steps."""
LONGEST_SAID, MOST_SAID = 20_000, 1_000
FINAL_CHECK = "Final check"


class LogUnits:
    def __init__(self, path: Path, document: LogDocument) -> None:
        self._path = path
        self._document = document
        self._chunks = _with_text_behind(document)
        self._signal = last_signal(document)
        self.story_id = story_of(document) or _story_of_folder(path)
        self.run_id = self.story_id or path.name

    def __len__(self) -> int:
        return len(self._chunks) + 2

    def is_chunk(self, unit: int) -> bool:
        return 1 <= unit <= len(self._chunks)

    def is_last(self, unit: int) -> bool:
        return unit == len(self._chunks)

    def size(self, unit: int) -> int:
        """How many bytes of the log a chunk takes, with the text behind it."""
        return sum(section.end - section.start for section in self._chunks[unit - 1])

    def text(self, unit: int) -> str:
        """The chunk's own text; all of a log that has no chunk headings."""
        sections = self._chunks[unit - 1]
        own = sections[:1] if sections[0].kind == "chunk" else sections
        return "".join(self._document.text(section) for section in own)

    def events(self, unit: int) -> Iterator[ev.Event]:
        if unit == 0:
            yield self._start()
        elif self.is_chunk(unit):
            yield from self._chunk(unit)
        else:
            yield from self._end()

    # --- the start ----------------------------------------------------------------------

    def _start(self) -> ev.RunStarted:
        story = Story(
            id=self.story_id or self._path.name,
            title=self._title,
            folder="",
            stage="",
            text="",
        )
        signal = self._signal if self._signal and ":" not in self._signal else "BACKEND COMPLETE"
        return ev.RunStarted(
            story=story,
            plan=self._plan(),
            scope=Scope(),
            settled=(),
            worker=WorkerProfile(
                name=_worker(self._path), prompt="", log_file=self._path.name, completion_signal=signal
            ),
            model="not in the log",
            scripted=False,
            autonomy="conservative",
            autonomy_from="not in the log",
            review="never",
            headless=True,
            budgets=Budgets(),
            signoff_version=__version__,
            warnings=self._document.warnings,
        )

    def _plan(self) -> Plan:
        """A log stands for itself: its own chunks are the steps, whatever plan lies beside it."""
        headed = [sections[0] for sections in self._chunks]
        steps = () if len(headed) > MOST_STEPS else tuple(map(self._step, range(1, len(headed) + 1), headed))
        return Plan(source=self._path.name, text="", steps=steps)

    def _step(self, place: int, section: Section) -> Step:
        title = name_of(section.chunk, place) if section.chunk else self._title
        return Step(id=str(place), title=title, line=section.line)

    @property
    def _title(self) -> str:
        return self._document.title.title if self._document.title else self._path.name

    # --- a chunk ------------------------------------------------------------------------

    def _chunk(self, unit: int) -> Iterator[ev.Event]:
        own, *behind = self._chunks[unit - 1]
        if own.kind != "chunk":
            yield from self._whole(unit)
            return
        every = self._document.sections
        before = every[: every.index(own)] if unit == 1 else ()
        chunk = read_chunk(self._document, own)
        yield from chunk_events(chunk, unit, before=self._said(before, unit))
        yield from self._said(behind, unit)

    def _whole(self, unit: int) -> Iterator[ev.Event]:
        """A log without chunk headings, as one chunk."""
        sections = self._document.sections
        files: dict[str, LogFile] = {}
        commands: list[LogCommand] = []
        for section in sections:
            text = self._document.read(section)
            files |= {file.path: file for file in files_outside(section, text)}
            commands += commands_in("", text.lines, listed=False)
        chunk = LogChunk(
            number=unit, name=self._title, line=1, files=tuple(files.values()), commands=tuple(commands)
        )
        complete = ended_by(self._signal).outcome == "complete"
        yield from chunk_events(chunk, unit, before=self._said(sections, unit), finished=complete)

    def _said(self, sections: Sequence[Section], unit: int) -> Iterator[ev.Event]:
        """What stands outside of chunks, a section a line of the stream; the title says nothing by itself."""
        for section in sections[:MOST_SAID]:
            text = _without_rules(self._document.text(section))
            if text and not (section.level and "\n" not in text and section.level == 1):
                yield said(text[:LONGEST_SAID], unit)

    # --- the end ------------------------------------------------------------------------

    def _end(self) -> Iterator[ev.Event]:
        tokens = TokenNumbers()
        for section in self._document.sections:
            if section.kind == "text" and section.title == FINAL_CHECK:
                yield from self._final_check(section)
            elif section.kind == "text" and TOKENS.search(section.title):
                found = token_numbers(self._document.read(section).lines, about_tokens=True)
                tokens = found if found.known else tokens
        if tokens.known:
            usage = Usage(input=tokens.input or 0, output=tokens.output or 0)
            yield said("", len(self._chunks), usage)
        yield ended_by(self._signal)

    def _final_check(self, section: Section) -> Iterator[ev.Event]:
        check = Beneath(0)
        for field in fields_of(self._document.read(section)):
            if is_beneath(field):
                yield from check.read(field)


def _with_text_behind(document: LogDocument) -> list[list[Section]]:
    """Each chunk with the sections up to the next one; a log without chunks as one of them all."""
    units: list[list[Section]] = []
    for section in document.sections:
        if section.kind == "chunk":
            units.append([section])
        elif units:
            units[-1].append(section)
    return units or [list(document.sections)]


def _story_of_folder(path: Path) -> str | None:
    folder = path.resolve().parent
    return folder.parent.name if folder.name == "_implementation" else None


def _worker(path: Path) -> str:
    """`backend` of `BACKEND-LOG.md`."""
    name = path.stem.casefold().removesuffix("-log")
    return name if name.isidentifier() else "worker"


def _without_rules(text: str) -> str:
    rows = [row for row in text.split("\n") if not RULE.fullmatch(row)]
    return "\n".join(rows).strip()
