"""The run's preferences: written to the file as it is now, and in force from the next question on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.decisions.configuration import built_in_config, load_decision_config
from core.domain import PreferenceNote
from core.preference_book import PreferenceBook
from core.yaml_file import YamlFault

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
LOCK = PreferenceNote(kind="lock", pattern="colou?r")
LEARN = PreferenceNote(kind="learn", pattern="colou?r")


def test_what_is_remembered_is_in_the_file_and_in_force(tmp_path: Path) -> None:
    folder = tmp_path / ".claude" / "config"
    book = PreferenceBook(folder, built_in_config())
    locked = book.remember(LOCK, "blue", title="Which\ncolour?", at=NOW)
    learned = book.remember(LEARN, "red", title="Colour", at=NOW)
    assert (locked.action, locked.preference_id) == ("locked", "pref-proj-001")
    assert (learned.action, learned.preference_id) == ("learned", "pref-learned-001")
    assert (learned.pattern, learned.choice) == ("colou?r", "red")
    assert (folder / "preferences.yaml").read_bytes() == learned.content
    assert "source: 'answer to: Which␊colour?'" in learned.content.decode()
    assert book.config == load_decision_config(folder)
    now = book.config.preferences
    assert (now.project[0].choice, now.project[0].locked, now.learned[0].choice) == ("blue", True, "red")


def test_only_the_preferences_of_the_configuration_change(tmp_path: Path) -> None:
    (tmp_path / "autonomy.yaml").write_text("default_level: aggressive\n")
    book = PreferenceBook(tmp_path, load_decision_config(tmp_path))
    (tmp_path / "autonomy.yaml").write_text("default_level: conservative\n")
    book.remember(LOCK, "blue", title="Colour", at=NOW)
    assert book.config.autonomy.default_level == "aggressive"


def test_an_edit_made_during_the_run_stays_and_counts(tmp_path: Path) -> None:
    book = PreferenceBook(tmp_path, built_in_config())
    book.remember(LEARN, "red", title="Colour", at=NOW)
    file = tmp_path / "preferences.yaml"
    edited = file.read_bytes().replace(b"\n", b"\r\n") + b"# mine\r\ndecay: {rate: 0.5}\r\n"
    file.write_bytes(edited)
    later = NOW.replace(hour=10)
    applied = book.applied("pref-learned-001", later)
    overridden = book.overridden("pref-learned-001")
    assert (applied.action, overridden.action) == ("applied", "overridden")
    assert (
        overridden.content
        == file.read_bytes()
        == (
            edited.replace(b"applications: 1", b"applications: 2")
            .replace(b"T09:30", b"T10:30")
            .replace(b"overrides: 0", b"overrides: 1")
        )
    )
    assert book.config.preferences.decay.rate == 0.5


@pytest.mark.parametrize("content", [b"learned_preferences: [\n", b"a: \xff\n", b"project_preferences: 3\n"])
def test_a_file_that_cannot_be_read_whole_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "preferences.yaml"
    file.write_bytes(content)
    book = PreferenceBook(tmp_path, built_in_config())
    with pytest.raises(YamlFault, match=r"preferences\.yaml"):
        book.remember(LOCK, "blue", title="Colour", at=NOW)
    with pytest.raises(YamlFault, match=r"preferences\.yaml"):
        book.applied("pref-learned-001", NOW)
    assert (file.read_bytes(), book.config) == (content, built_in_config())
    assert [each.name for each in tmp_path.iterdir()] == ["preferences.yaml"]


def test_a_link_is_not_written_through_nor_replaced(tmp_path: Path) -> None:
    shared = tmp_path / "shared.yaml"
    shared.write_text("version: 1\n")
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "preferences.yaml").symlink_to(shared)
    with pytest.raises(YamlFault, match="a link; expected the file itself"):
        PreferenceBook(folder, built_in_config()).remember(LOCK, "blue", title="Colour", at=NOW)
    assert (folder / "preferences.yaml").is_symlink() and shared.read_text() == "version: 1\n"


def test_a_folder_that_can_not_be_made_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / ".claude").write_text("a file")
    book = PreferenceBook(tmp_path / ".claude" / "config", built_in_config())
    with pytest.raises(YamlFault, match="can't be written: Not a directory"):
        book.remember(LOCK, "blue", title="Colour", at=NOW)
