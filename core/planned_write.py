"""What a write would do, before it does it: so that exactly that can be shown and allowed (SPEC 5)."""

from __future__ import annotations

from core.domain import value
from core.file_errors import ConflictError
from core.readable_path import refuse_redacted
from core.safe_path import FileState
from core.scope_guard import ScopeJudgement


@value
class PlannedWrite:
    """A file's bytes before (None where there is no file) and after. `unread`: the run does not know what it
    would overwrite."""

    judgement: ScopeJudgement
    before: bytes | None
    after: bytes
    unread: bool

    @property
    def path(self) -> str:
        return self.judgement.path

    def refuse_unread(self) -> None:
        if self.unread:
            raise ConflictError(
                self.path, "unread", "exists and was not read yet: read it before you overwrite it"
            )


def planned_write(
    judgement: ScopeJudgement, state: FileState | None, after: bytes, unread: bool
) -> PlannedWrite:
    """FileRefused for a text that was redacted when it was read, and would now be written back so."""
    before = state.data if state else None
    refuse_redacted(judgement.path, before or b"", after)
    return PlannedWrite(judgement=judgement, before=before, after=after, unread=unread)
