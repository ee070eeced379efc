"""Where the index of a journal may be kept: beside it, or among the user's own caches."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from core.journal import FILE_NAME
from core.trust import user_folder

NAME = "journal.index"


def index_places(path: Path) -> tuple[Path, ...]:
    """The best first: in a run's folder that can be written to. Nothing is put beside a journal elsewhere."""
    real = path.resolve()
    caches = user_folder(os.environ.get("SIGNOFF_STATE_DIR"), "user_cache_dir")
    own = caches / "indexes" / f"{sha256(os.fsencode(real)).hexdigest()[:32]}.index"
    beside = real.with_name(NAME)
    if real.name == FILE_NAME and os.access(real.parent, os.W_OK):
        return (beside, own)
    return (own,)
