"""Changes preferences.yaml as a text: entries added, counters raised, every other byte a person's still.

What was written is read again, and a text that would not say exactly what was meant is never given out: that
is a YamlFault naming the file, as is a text that can't be read whole.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from core.decisions.patterns import refusal
from core.decisions.preferences import (
    LearnedPreference,
    Preferences,
    learned_entries,
    read_preferences,
    spoken,
)
from core.decisions.yaml_node import policy_node
from core.domain import JsonObject
from core.logs.yaml_list import BOM, append_entry, entries_in, head, moment, next_id
from core.logs.yaml_scalar import set_scalar
from core.untrusted import visible
from core.yaml_file import YamlFault, expect_mapping, parse_yaml

FILE = Path("preferences.yaml")
PROJECT, LEARNED = "project_preferences", "learned_preferences"
ID_PREFIXES = {PROJECT: "pref-proj", LEARNED: "pref-learned"}

# The same answer given n times has the confidence 0.65 + 0.05 n: with the bands of SPEC 5.7 it is suggested
# from the 2nd time on, decides with a note from the 3rd, and without one from the 5th. A single answer is no
# habit yet. It never gets to be certain.
FIRST_CONFIDENCE = 0.7
MORE_CONFIDENCE = 0.05
MOST_CONFIDENCE = 0.99


def preferences_in(text: str, file: Path = FILE) -> Preferences:
    """What the text says. Raises YamlFault."""
    return read_preferences(policy_node(text, file))


def with_locked(
    text: str, pattern: str, choice: str, *, source: str, at: datetime, file: Path = FILE
) -> tuple[str, str]:
    """The text with a locked project preference (SPEC 5.6), and the id of the entry.

    One that is locked already, for the same pattern and choice, stays the only one. `source` says where the
    choice comes from.
    """
    pattern, choice = _meant(pattern, choice, file)
    for there in preferences_in(text, file).project:
        if there.locked and (there.pattern.regex, there.choice) == (pattern, choice):
            return text, there.id
    fields = {"locked": True, "source": visible(source, keep_newlines=False), "added": moment(at)}
    return _appended(text, PROJECT, {"pattern": pattern, "choice": choice, **fields}, file)


def with_learned(text: str, pattern: str, choice: str, *, at: datetime, file: Path = FILE) -> tuple[str, str]:
    """The text with an answer learned, and the id of its entry.

    The same choice for the same pattern, while it still counts, makes its entry surer instead of adding one;
    an entry archived by its age is not brought back to its old confidence by a single answer.
    """
    pattern, choice = _meant(pattern, choice, file)
    root = policy_node(text, file)
    rules = read_preferences(root)
    for position, there in learned_entries(root):
        alike = there.pattern.regex == pattern and spoken(there.choice) == spoken(choice)
        if alike and not rules.decay.archives(there.applied_at, at):
            return _surer(text, position, there, at, file), there.id
    counters = {"confidence": FIRST_CONFIDENCE, "applications": 1, "overrides": 0, "last_applied": moment(at)}
    return _appended(text, LEARNED, {"pattern": pattern, "choice": choice, **counters}, file)


def with_applied(
    text: str, preference_id: str, at: datetime, *, known: int | None = None, file: Path = FILE
) -> str:
    """The text with one application more of a learned preference, the last one at `at`.

    `known` are the applications before this one: where more of them stand there it is counted already.
    """
    position, there = _learned(text, preference_id, file)
    if known is not None and there.applications > known:
        return text
    return _set(
        text, position, {"applications": str(there.applications + 1), "last_applied": _written(at)}, file
    )


def with_overridden(text: str, preference_id: str, *, known: int | None = None, file: Path = FILE) -> str:
    """The text with one override more of a learned preference. `known` as for `with_applied`."""
    position, there = _learned(text, preference_id, file)
    if known is not None and there.overrides > known:
        return text
    return _set(text, position, {"overrides": str(there.overrides + 1)}, file)


def _meant(pattern: str, choice: str, file: Path) -> tuple[str, str]:
    """Pattern and choice as the file can say them: without white space around, nothing invisible in them."""
    pattern, choice = pattern.strip(), visible(choice.replace("\r\n", "\n")).strip()
    if not pattern or not choice:
        raise YamlFault(str(file), None, "a preference has a pattern and a choice, not an empty one")
    if visible(pattern) != pattern:
        raise YamlFault(str(file), None, f"the pattern `{pattern}` has a character that can't be seen")
    if refused := refusal(pattern):
        raise YamlFault(str(file), None, f"the pattern `{pattern}` is refused: {refused}")
    return pattern, choice


def _learned(text: str, preference_id: str, file: Path) -> tuple[int, LearnedPreference]:
    root = policy_node(text, file)
    read_preferences(root)  # read whole or not at all
    for position, there in learned_entries(root):
        if there.id == preference_id:
            return position, there
    raise root[LEARNED].fault(f"expected an entry with the id {preference_id}")


def _surer(text: str, position: int, there: LearnedPreference, at: datetime, file: Path) -> str:
    if there.applied_at == moment(at):  # the same answer, told again after a crash
        return text
    counters = {"applications": str(there.applications + 1), "last_applied": _written(at)}
    risen = max(FIRST_CONFIDENCE, min(there.confidence + MORE_CONFIDENCE, MOST_CONFIDENCE))
    if risen > there.confidence:
        counters["confidence"] = f"{risen:.4g}"
    return _set(text, position, counters, file)


def _written(at: datetime) -> str:
    return f"{moment(at):%Y-%m-%dT%H:%M:%SZ}"


def _appended(text: str, key: str, meant: JsonObject, file: Path) -> tuple[str, str]:
    """The text with one entry more in the list `key`, and the id that it got."""
    name = str(file)
    free = next_id((str(entry.get("id")) for entry in entries_in(text, name, [key])), ID_PREFIXES[key])
    start = {"version": 1}
    after = append_entry(text, {"id": free, **meant}, file=name, keys=[key], start=head(start))
    before, said = _document(text, name), _document(after, name)
    entry = said[key][-1]
    entries = [*(before.get(key) or []), entry]
    as_meant = all(entry[field] == meant[field] for field in ("pattern", "choice"))
    if said != {**(before or start), key: entries} or not as_meant:
        raise YamlFault(name, None, f"no entry can be added under `{key}` in the form that the file has")
    preferences_in(after, file)
    return after, free


def _set(text: str, position: int, scalars: dict[str, str], file: Path) -> str:
    """The text with values of one learned preference set, and nothing else changed."""
    name = str(file)
    before = _document(text, name)
    entries = list(before[LEARNED])
    entries[position] = entries[position] | {key: parse_yaml(each, name) for key, each in scalars.items()}
    after = text.removeprefix(BOM)
    try:
        for key, scalar in scalars.items():
            after = set_scalar(after, (LEARNED, position), key, scalar, file=name)
        said = _document(after, name)
    except YamlFault:
        said = {}
    if said != {**before, LEARNED: entries}:
        entry = policy_node(text, file)[LEARNED].items()[position]
        raise entry.fault("its counters can't be changed in the form that it has")
    return text[: len(text) - len(text.removeprefix(BOM))] + after


def _document(text: str, name: str) -> JsonObject:
    return expect_mapping(parse_yaml(text.removeprefix(BOM), name), name)
