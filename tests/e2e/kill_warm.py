"""What a process that plays a story has imported by its end: loaded once, before the processes are forked."""

from __future__ import annotations

import pathspec  # noqa: F401
import platformdirs  # noqa: F401
import re2  # noqa: F401
import watchfiles  # noqa: F401

import core.assembly
import core.journal
import core.models.scripted
import core.rules.python_routes
import core.rules.typescript_routes
import tests.e2e.kill_story
import tests.e2e.kill_story_ends  # noqa: F401

core.journal._records()
