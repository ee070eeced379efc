"""The files that a run writes in `_implementation/`, each a fold of the journal (SPEC 9)."""
