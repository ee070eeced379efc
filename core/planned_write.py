"""What a write would do, before it does it: so that exactly that can be shown and allowed (SPEC 5)."""

from __future__ import annotations

from core.domain import value
from core.file_errors import ConflictError
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
