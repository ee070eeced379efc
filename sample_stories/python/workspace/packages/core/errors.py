"""What can go wrong, in the core's own words. `str(error)` may be shown to the user."""

from __future__ import annotations


class DomainError(Exception):
    """A request that the core refuses."""


class ValidationFailed(DomainError):
    """A value that breaks a rule."""


class NotFound(DomainError):
    """Nothing there for this user."""


class Conflict(DomainError):
    """It is there already."""
