"""preferences.yaml as a person has it survives every change byte for byte; what is added reads as meant."""

from __future__ import annotations

import difflib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.decisions.preferences import LearnedPreference, standing
from core.preference_file import preferences_in, with_applied, with_learned, with_locked, with_overridden
from core.untrusted import visible
from core.yaml_file import YamlFault
from tests.core.preference_texts import PreferencesText, preference_texts

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
WRITTEN = "2026-03-01T09:30:00Z"
HAND_MADE = """\
# What this team has agreed on.
version: 1

project_preferences:
    - id:      pref-proj-003   # numbered by hand
      pattern: "test.*framework|testing.*library"
      choice:  'vitest'
      locked:  true

# learned, may be wrong
learned_preferences:
- id: user-colour
  pattern: "colou?r"
  choice: blue
  confidence: 0.9    # since May
  applications: 8    # last counted in June
  overrides: 0
  last_applied: "2026-02-06T10:00:00Z"   # by hand
  # applies to the screens only
- {pattern: size, choice: 'ten', applications: 2,
   last_applied: 2026-01-02} # a short one

decay: {rate: 0.9}   # ours
"""


def undone(before: str, after: str) -> bool:
    """Whether `after` is `before` with one piece of text put in."""
    added = len(after) - len(before)
    start = next((n for n, char in enumerate(after) if before[n : n + 1] != char), 0)
    return added > 0 and any(after[:at] + after[at + added :] == before for at in range(start + 1))


def changed(before: str, after: str) -> list[str]:
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if line[0] in "+-"]


# --- generated files --------------------------------------------------------------------


@given(file=preference_texts(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_counters_change_and_no_other_byte_does(file: PreferencesText, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(file.entries) - 1))
    entry, name = file.entries[place], f"learned-{place + 1}"
    before = preferences_in(file.text()).learned[place]

    applied = with_applied(file.text(), name, NOW)
    overridden = with_overridden(file.text(), name)

    said = preferences_in(applied).learned[place]
    assert (said.applications, said.applied_at) == (before.applications + 1, NOW)
    assert preferences_in(overridden).learned[place].overrides == before.overrides + 1
    if {"applications", "last_applied"} <= set(entry.values):
        raised = entry.with_values(applications=str(before.applications + 1), last_applied=WRITTEN)
        assert applied == file.with_entry(place, raised).text()
    if "overrides" in entry.values:
        raised = entry.with_values(overrides=str(before.overrides + 1))
        assert overridden == file.with_entry(place, raised).text()
    else:
        assert undone(file.text(), overridden)


@given(file=preference_texts(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_the_same_answer_makes_its_entry_surer(file: PreferencesText, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(file.entries) - 1))
    pattern, choice = (file.entries[place].values[key] for key in ("pattern", "choice"))
    after, name = with_learned(file.text(), pattern, choice.upper(), at=NOW)
    first = next(
        n
        for n, e in enumerate(file.entries)
        if (e.values["pattern"], e.values["choice"]) == (pattern, choice)
    )
    before, said = preferences_in(file.text()).learned, preferences_in(after).learned
    assert (name, len(said)) == (f"learned-{first + 1}", len(before))
    assert said[first].applications == before[first].applications + 1
    assert said[first].confidence >= max(0.7, before[first].confidence)
    others = [(a, b) for n, (a, b) in enumerate(zip(before, said, strict=True)) if n != first]
    assert all(a == b for a, b in others)


@given(file=preference_texts(), pattern=st.sampled_from(("a.b|c", "x: y #", "- 'q'")), choice=st.text())
@settings(max_examples=40, deadline=None)
def test_an_entry_is_added_and_no_byte_changed(file: PreferencesText, pattern: str, choice: str) -> None:
    choice = f"1{choice}."
    before = preferences_in(file.text())
    locked, project_id = with_locked(file.text(), pattern, choice, source="asked", at=NOW)
    learned, learned_id = with_learned(file.text(), pattern, choice, at=NOW)
    assert undone(file.text(), locked) and undone(file.text(), learned)

    shown = visible(choice.replace("\r\n", "\n"))
    project = preferences_in(locked).project
    assert project[:-1] == before.project
    assert (project[-1].id, project[-1].locked) == (project_id, True)
    assert (project[-1].pattern.regex, project[-1].choice) == (pattern, shown)
    said = preferences_in(learned).learned
    assert said[:-1] == before.learned
    assert (said[-1].pattern.regex, said[-1].choice, said[-1].id) == (pattern, shown, learned_id)
    assert (said[-1].confidence, said[-1].applications, said[-1].applied_at) == (0.7, 1, NOW)

    assert with_locked(locked, pattern, choice, source="again", at=NOW) == (locked, project_id)
    assert with_learned(learned, pattern, choice, at=NOW) == (learned, learned_id)


# --- a file written by hand -------------------------------------------------------------


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_application_is_a_diff_of_two_lines(newline: str) -> None:
    before = "\ufeff" + HAND_MADE.replace("\n", newline)
    after = with_applied(before, "user-colour", NOW)
    assert changed(before, after) == [
        "-   applications: 8    # last counted in June",
        "+   applications: 9    # last counted in June",
        '-   last_applied: "2026-02-06T10:00:00Z"   # by hand',
        '+   last_applied: "2026-03-01T09:30:00Z"   # by hand',
    ]
    assert with_applied(after, "user-colour", NOW, known=8) == after, "counted already"


def test_an_entry_gets_the_keys_that_it_lacks_in_its_own_style() -> None:
    short = HAND_MADE.replace("  overrides: 0\n", "")
    assert changed(short, with_overridden(short, "user-colour")) == ["+   overrides: 1"]
    assert "   last_applied: 2026-01-02, overrides: 1} # a short one" in with_overridden(short, "learned-2")


def test_a_value_left_empty_is_filled_in() -> None:
    text = "learned_preferences:\n- id: a\n  pattern: x\n  choice: y\n  applications:   # none yet\n"
    assert with_applied(text, "a", NOW) == (
        "learned_preferences:\n- id: a\n  pattern: x\n  choice: y\n"
        f"  applications: 1   # none yet\n  last_applied: {WRITTEN}\n"
    )


def test_a_locked_preference_follows_the_projects_others() -> None:
    after, name = with_locked(HAND_MADE, "id|key", "uuid", source="asked: id\n?", at=NOW)
    assert name == "pref-proj-004"
    assert (
        "      locked:  true\n"
        "    - id: pref-proj-004\n"
        "      pattern: id|key\n"
        "      choice: uuid\n"
        "      locked: true\n"
        "      source: 'asked: id␊?'\n"
        f"      added: {WRITTEN}\n"
        "\n"
    ) in after


def test_an_absent_file_starts_with_its_version() -> None:
    after, name = with_learned("", "colou?r", "blue", at=NOW)
    assert (after, name) == (
        "version: 1\nlearned_preferences:\n  - id: pref-learned-001\n    pattern: colou?r\n"
        "    choice: blue\n    confidence: 0.7\n    applications: 1\n    overrides: 0\n"
        f"    last_applied: {WRITTEN}\n",
        "pref-learned-001",
    )


def test_an_empty_list_gives_way_to_the_first_entry() -> None:
    after, _ = with_learned("learned_preferences: []  # none\nversion: 1\n", "a", "b", at=NOW)
    assert after.startswith("learned_preferences:  # none\n  - id: pref-learned-001\n    pattern: a\n")
    assert after.endswith("\nversion: 1\n")


# --- how sure an answer gets ------------------------------------------------------------


def test_an_answer_given_again_and_again_reaches_each_band() -> None:
    text, stands = "", []
    for day in range(6):
        text, name = with_learned(
            text, "colou?r", "Blue" if day % 2 else "blue", at=NOW + timedelta(days=day)
        )
        read = preferences_in(text)
        stands.append(standing(read.learned[0], read, NOW + timedelta(days=day)))
        assert (name, len(read.learned)) == ("pref-learned-001", 1)
    assert stands == ["ignore", "suggest", "note", "note", "auto", "auto"]


def test_no_number_of_answers_makes_it_certain() -> None:
    text = ""
    for day in range(12):
        text, _ = with_learned(text, "a", "b", at=NOW + timedelta(days=day))
    assert preferences_in(text).learned[0].confidence == 0.99
    sure = text.replace("0.99", "0.9987")
    raised, _ = with_learned(sure, "a", "b", at=NOW + timedelta(days=20))
    assert changed(sure, raised) == [
        "-     applications: 12",
        "+     applications: 13",
        "-     last_applied: 2026-03-12T09:30:00Z",
        "+     last_applied: 2026-03-21T09:30:00Z",
    ]


@pytest.mark.parametrize(
    "archived", ["archived: true, ", "status: archived, ", "last_applied: 2025-08-01, ", "choice: z, "]
)
def test_what_counts_no_more_and_what_says_else_is_not_made_surer(archived: str) -> None:
    choice = "" if "choice" in archived else "choice: b, "
    text = f"learned_preferences:\n- {{{archived}{choice}pattern: a, confidence: 1, applications: 9}}\n"
    after, name = with_learned(text, "a", "b", at=NOW)
    added: LearnedPreference = preferences_in(after).learned[-1]
    assert after.startswith(text) and (added.id, added.applications) == (name, 1)


# --- files and wishes that can't be met -------------------------------------------------

ENTRY = "pattern: x, choice: y, applications: 2"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "x: &x [{id: a, pattern: x, choice: y}]\nlearned_preferences: *x\n",
            "its counters can't be changed",
        ),
        (f'learned_preferences: [{{id: a, last_applied: "2026\\x2d01-01", {ENTRY}}}]\n', "can't be changed"),
        ("learned_preferences: [\n", "preferences.yaml:2: "),
        (
            "learned_preferences:\n- {pattern: x}\n",
            "preferences.yaml:2: learned_preferences.0.choice: expected",
        ),
        ("decay: {rate: 3}\nlearned_preferences: [{id: a, pattern: x, choice: y}]\n", "yaml:1: decay.rate"),
        (
            "version: 1\nlearned_preferences: []\n",
            "preferences.yaml:2: learned_preferences: expected an entry",
        ),
        ("", "preferences.yaml:1: learned_preferences: expected an entry with the id a"),
        (
            f"base: &b {{id: a, {ENTRY}}}\nlearned_preferences: [*b]\n",
            "preferences.yaml:1: learned_preferences.0",
        ),
        (f"learned_preferences:\n- &b {{id: a, {ENTRY}}}\nagain: *b\n", "its counters can't be changed"),
        (
            "learned_preferences:\n- {id: a, pattern: x, choice: y, applications}\n",
            "can't be changed in the form",
        ),
    ],
)
def test_a_file_that_can_not_be_changed_is_a_fault(text: str, said: str) -> None:
    with pytest.raises(YamlFault) as fault:
        with_applied(text, "a", NOW)
    assert said in str(fault.value) and "\n" not in str(fault.value)


@pytest.mark.parametrize(
    ("text", "pattern", "choice", "said"),
    [
        ("- a\n", "x", "y", "expected a mapping"),
        ("{version: 1}\n", "x", "y", "project_preferences"),
        ("project_preferences: 3\n", "x", "y", "project_preferences: expected a list"),
        ("x: &x [{pattern: a, choice: b}]\nproject_preferences: *x\n", "x", "y", "project_preferences"),
        ("learned_preferences: [{pattern: '(', choice: y}]\n", "x", "y", "preferences.yaml:1: learned_"),
        ("", "a(?=b)", "y", "the pattern `a(?=b)` is refused"),
        ("", "a\u202eb", "y", "can't be seen"),
        ("", " ", "y", "not an empty one"),
        ("", "x", "\n", "not an empty one"),
    ],
)
def test_what_can_not_be_added_is_a_fault(text: str, pattern: str, choice: str, said: str) -> None:
    with pytest.raises(YamlFault, match=r"^preferences\.yaml") as fault:
        with_locked(text, pattern, choice, source="asked", at=NOW)
    assert said in str(fault.value)
