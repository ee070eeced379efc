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
    ) -> AnswerInput | None:
        """Asks the human something of the engine's own. None when nobody is there."""
        if not self.attended or self.stand_in is not None:
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
        self._stream.emit(
            ev.InputResolved(request_id=request_id, option=command.option, text=command.text, by=command.by)
        )
        return command
