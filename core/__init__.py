"""Signoff's engine: from a story folder to a finished, reviewed, logged run.

Read the modules in this order to follow a run: story, plan, scope, config, session,
engine, chunk, stream, journal, run_state. `docs/architecture.md` has the picture.
"""

__version__ = "0.1.0"
