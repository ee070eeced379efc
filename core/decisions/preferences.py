"""preferences.yaml: what a project has locked, what was learned from earlier answers, and what decides.

Learned confidence decays by the month and a preference is archived when it was not applied for long
(SPEC 5.7). All thresholds are those of `application_rules` and `decay` where the file gives them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from core.decisions.patterns import Pattern, matching, one_line
from core.decisions.yaml_node import Node
from core.domain import Option, value

Standing: TypeAlias = Literal["auto", "note", "suggest", "ignore"]
ROUNDING = 1e-9  # 0.9 must reach 0.9, whatever arithmetic it went through


@value
class Preference:
    """An entry of `project_preferences`. One that is not locked only suggests."""

    id: str
    pattern: Pattern
    choice: str
    locked: bool = False


@value
class LearnedPreference:
    """An entry of `learned_preferences`. `applied_at` is None where the file has no date for it."""

    id: str
    pattern: Pattern
    choice: str
    confidence: float
    applications: int
    overrides: int
    applied_at: datetime | None = None


@value
class Band:
    """What a learned preference needs at least, and at most, to have a standing."""

    min_confidence: float
    min_applications: int
    max_overrides: int


@value
class Decay:
    """`rate` is a factor for each whole month; after `archive_after` months it counts for nothing."""

    enabled: bool = True
    rate: float = 0.95
    archive_after: int = 6

    def archives(self, applied_at: datetime | None, now: datetime) -> bool:
        """Whether what was last applied then counts for nothing by now."""
        return self.enabled and months_since(applied_at, now) >= self.archive_after


# Strongest first: the first band that a preference reaches is its standing.
BANDS: dict[Standing, Band] = {
    "auto": Band(min_confidence=0.9, min_applications=5, max_overrides=0),
    "note": Band(min_confidence=0.8, min_applications=3, max_overrides=1),
    "suggest": Band(min_confidence=0.7, min_applications=2, max_overrides=2),
}
BAND_KEYS: dict[str, Standing] = {
    "auto_apply": "auto",
    "auto": "auto",
    "apply_with_log": "note",
    "auto_with_note": "note",
    "suggest_only": "suggest",
    "suggest": "suggest",
}


@value
class Preferences:
    """preferences.yaml, or what holds without one. `bands` are strongest first."""

    project: tuple[Preference, ...] = ()
    learned: tuple[LearnedPreference, ...] = ()
    bands: tuple[tuple[Standing, Band], ...] = tuple(BANDS.items())
    ignored_below: float = 0.0
    decay: Decay = Decay()


def about(preferences: Iterable[Preference], text: str) -> tuple[Preference, ...]:
    """The project preferences whose pattern matches a question's text."""
    return tuple(p for p in preferences if matching((p.pattern,), text))


def learned_about(
    preferences: Preferences, text: str, now: datetime
) -> tuple[tuple[LearnedPreference, Standing], ...]:
    """The learned preferences that match a question's text and still count, with their standing."""
    found = ((p, standing(p, preferences, now)) for p in preferences.learned if matching((p.pattern,), text))
    return tuple((p, stands) for p, stands in found if stands != "ignore")


def standing(preference: LearnedPreference, preferences: Preferences, now: datetime) -> Standing:
    """What this preference may do now. Where its age can't be told it may only suggest."""
    decay = preferences.decay
    if decay.archives(preference.applied_at, now):
        return "ignore"
    confidence = effective_confidence(preference, decay, now) + ROUNDING
    if confidence < preferences.ignored_below:
        return "ignore"
    reached = (name for name, band in preferences.bands if _reaches(preference, confidence, band))
    stands: Standing = next(reached, "ignore")
    ageless = decay.enabled and preference.applied_at is None
    return "suggest" if ageless and stands != "ignore" else stands


def effective_confidence(preference: LearnedPreference, decay: Decay, now: datetime) -> float:
    """confidence * rate^(whole months since last_applied)."""
    if not decay.enabled:
        return preference.confidence
    return float(preference.confidence * decay.rate ** months_since(preference.applied_at, now))


def months_since(then: datetime | None, now: datetime) -> int:
    """Whole calendar months between two times; 0 for a time that is not known or still to come."""
    if then is None or then >= now:
        return 0
    then, now = then.astimezone(UTC), now.astimezone(UTC)
    months = (now.year - then.year) * 12 + now.month - then.month
    unfinished = (now.day, now.time()) < (then.day, then.time())
    return months - unfinished


def choice_among(choice: str, options: tuple[Option, ...]) -> str:
    """The label of the option that a free-text choice names, or the text itself.

    It names an option when it is its label or contains it, word for word; one that contains
    several labels names the longest if that holds the others, else none.
    """
    said = spoken(choice)
    named = sorted(
        (o.label for o in options if spoken(o.label) and f" {spoken(o.label)} " in f" {said} "), key=len
    )
    if named and all(spoken(label) in spoken(named[-1]) for label in named):
        return named[-1]
    return choice


def spoken(text: str) -> str:
    """Text for comparison: case, white space and the punctuation around words do not count."""
    words = (word.strip(".,;:!?\"'`*()[]") for word in one_line(text).casefold().split())
    return " ".join(word for word in words if word)


def read_preferences(root: Node) -> Preferences:
    """preferences.yaml as values. Raises YamlFault for a shape that can't be read whole."""
    usual = Decay()
    rules, decay = root["application_rules"], root["decay"]
    return Preferences(
        project=tuple(_project(n, i) for i, n in enumerate(root["project_preferences"].items(), start=1)),
        learned=tuple(preference for _, preference in learned_entries(root)),
        bands=_bands(rules),
        ignored_below=rules["do_not_apply"]["below_confidence"].share(0.0),
        decay=Decay(
            enabled=decay["enabled"].flag(usual.enabled),
            rate=decay["rate"].share(usual.rate),
            archive_after=decay["archive_after_months"].count(usual.archive_after),
        ),
    )


def learned_entries(root: Node) -> Iterator[tuple[int, LearnedPreference]]:
    """The learned preferences and their positions in the list, from 0. One that the file says is archived
    (`archived: true` or `status: archived`) counts for nothing (SPEC 5.7)."""
    for position, node in enumerate(root["learned_preferences"].items()):
        if not _archived(node):
            yield position, _learned(node, position + 1)


def _archived(node: Node) -> bool:
    return node["archived"].flag(False) or node["status"].content == "archived"


def _reaches(preference: LearnedPreference, confidence: float, band: Band) -> bool:
    return (
        confidence >= band.min_confidence
        and preference.applications >= band.min_applications
        and preference.overrides <= band.max_overrides
    )


def _project(node: Node, place: int) -> Preference:
    name = node["id"].text(f"project-{place}")
    return Preference(
        id=name,
        pattern=node["pattern"].pattern(name),
        choice=node["choice"].text(),
        locked=node["locked"].flag(False),
    )


def _learned(node: Node, place: int) -> LearnedPreference:
    name = node["id"].text(f"learned-{place}")
    dates = (node[key] for key in ("last_applied", "updated_at", "created_at"))
    dated = next((date for date in dates if date.given), None)
    return LearnedPreference(
        id=name,
        pattern=node["pattern"].pattern(name),
        choice=node["choice"].text(),
        confidence=node["confidence"].share(0.0),
        applications=node["applications"].count(0),
        overrides=node["overrides"].count(0),
        applied_at=None if dated is None else _time(dated),
    )


def _time(node: Node) -> datetime:
    try:
        read = datetime.fromisoformat(node.text())
    except ValueError:
        raise node.fault("expected a date such as 2026-02-06 or 2026-02-06T10:00:00Z") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _bands(rules: Node) -> tuple[tuple[Standing, Band], ...]:
    bands = dict(BANDS)
    for name, node in rules.children().items():
        if name == "do_not_apply":
            continue
        if name not in BAND_KEYS:
            raise node.fault(f"expected one of {', '.join(BAND_KEYS)}, do_not_apply")
        usual = bands[BAND_KEYS[name]]
        bands[BAND_KEYS[name]] = Band(
            min_confidence=node["min_confidence"].share(usual.min_confidence),
            min_applications=node["min_applications"].count(usual.min_applications),
            max_overrides=node["max_overrides"].count(usual.max_overrides),
        )
    return tuple(bands.items())
