"""Who supervises, and what is asked of them beside decisions: reviews, and questions of the engine's own.

Three kinds of attendance: a person (requests wait, without any time limit), an answers file
(it answers at once, and is named as the one who did), or nobody (a decision that escalates
ends the run blocked, SPEC 5).
"""

from __future__ import annotations

from core import events as ev
from core.answers_file import AnswersFile
from core.commands import AnswerInput, FoldEdits, ReviewChunk
from core.ending import NEEDS_DECISION, RunEnding
from core.inbox import Inbox
from core.refusals import refuse_input, refuse_review
from core.stream import Stream


class Supervision:
    def __init__(self, stream: Stream, inbox: Inbox, *, attended: bool, stand_in: AnswersFile | None) -> None:
        self._stream = stream
        self._inbox = inbox
        self.attended = attended
        self.stand_in = stand_in

    # --- reviews ------------------------------------------------------------------------

    async def review(self, request: ev.ReviewRequested) -> ReviewChunk | FoldEdits:
        """The verdict on a chunk, or that the supervisor has edited its files."""
        if self.stand_in is not None:
            return self.stand_in.review(request.request_id, request.chunk, request.round, request.diff_hash)
        if not self.attended:
            raise RunEnding("blocked", f"Review required: chunk {request.chunk}", NEEDS_DECISION)
        command = await self._inbox.wait(request.request_id, lambda c: refuse_review(request, c))
        assert isinstance(command, ReviewChunk | FoldEdits)
        return command

    # --- questions of the engine --------------------------------------------------------

    async def ask(
        self,
        kind: str,
        request_id: str,
        title: str,
        detail: str,
        options: tuple[tuple[str, str], ...],
        *,
        chunk: int = 0,
    ) -> ev.InputResolved | None:
        """Asks the human something of the engine's own. None when nobody is there.

        The id names one asking of it, also in the next process: an answer that was given to it meanwhile
        (`signoff answer`, or just before a crash) is taken, and the human is not asked again.
        """
        given = self._given(request_id)
        if given is not None:
            return given
        if not self._by_a_person:
            return None
        pending = {p.request_id for p in self._stream.state.pending}
        if request_id not in pending:
            self._stream.emit(
                ev.InputRequested(
                    request_id=request_id,
                    kind=kind,  # type: ignore[arg-type]
                    title=title,
                    detail=detail,
                    options=options,
                    chunk=chunk,
                )
            )
        command = await self._inbox.wait(request_id, lambda c: refuse_input(options, c))
        assert isinstance(command, AnswerInput)
        answer = ev.InputResolved(
            request_id=request_id, option=command.option, text=command.text, by=command.by
        )
        self._stream.emit(answer)
        return answer

    def is_answered_by_a_person(self, prefix: str) -> bool:
        """Whether somebody is there to be asked, or has answered a question whose id begins with `prefix`."""
        return self._by_a_person or any(
            isinstance(record.event, ev.InputResolved) and record.event.request_id.startswith(prefix)
            for record in self._stream.records
        )

    def is_open(self, request_id: str, about: int) -> bool:
        """Whether a question about record `about` of an earlier process is still to be asked, or a stop that
        was the answer to it still to be carried out."""
        if any(p.request_id == request_id for p in self._stream.state.pending):
            return True
        later = [record.event for record in self._stream.records[about:]]
        if any(isinstance(e, ev.InputResolved) and e.request_id == request_id for e in later):
            given = self._given(request_id)
            return given is not None and given.option == "stop"
        return self._by_a_person and not any(isinstance(e, ev.RunFinished) for e in later)

    @property
    def _by_a_person(self) -> bool:
        return self.attended and self.stand_in is None

    def _given(self, request_id: str) -> ev.InputResolved | None:
        """The answer that was given already. A stop is one until the run has ended by it."""
        ended = False
        for event in (record.event for record in reversed(self._stream.records)):
            match event:
                case ev.RunFinished():
                    ended = True
                case ev.InputRequested() if event.request_id == request_id:
                    return None
                case ev.InputResolved() if event.request_id == request_id:
                    return None if ended and event.option == "stop" else event
                case _:
                    pass
        return None
