from __future__ import annotations

from pathlib import Path

import pytest

from core.domain import Criterion, Story
from core.story import InputFault, find_story, find_workspace, parse_story, read_text

STORY = """---
title: "READ-7: Add a book"
autonomy_level: moderate
---
# READ-7: another title

## Acceptance Criteria
- [ ] AC-1: a book can be added
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "w"
    for stage, name in [
        ("backlog", "READ-7"),
        ("backlog", "READ-8"),
        ("in-progress", "READ-7"),
        ("uat", "WISH-9"),
    ]:
        folder = root / "plans/read" / stage / name
        folder.mkdir(parents=True)
        (folder / f"{name}.md").write_text(STORY)
    (root / ".git").mkdir()
    return root


FEATURE = Path("plans/read")


def test_in_progress_comes_first_and_the_others_are_told(root: Path) -> None:
    story = find_story(FEATURE, "READ-7", None, root)
    assert story == Story(
        id="READ-7",
        title="Add a book",
        folder="plans/read/in-progress/READ-7",
        stage="in-progress",
        text=STORY,
        autonomy_level="moderate",
        acceptance_criteria=(Criterion(id="AC-1", text="a book can be added"),),
        warnings=("READ-7 is also in backlog/; this is the one in in-progress/",),
    )
    assert story.implementation == "plans/read/in-progress/READ-7/_implementation"


def test_a_story_is_found_in_any_stage_or_only_in_the_one_asked_for(root: Path) -> None:
    assert find_story(FEATURE, "WISH-9", None, root).stage == "uat"
    assert find_story(FEATURE, "READ-7", "backlog", root).folder == "plans/read/backlog/READ-7"
    with pytest.raises(InputFault, match=r"plans/read/uat: no story READ-7; did you mean"):
        find_story(FEATURE, "READ-7", "uat", root)


def test_the_feature_folder_may_be_given_from_here_from_the_root_or_whole(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root / "plans")
    for feature in (Path("read"), FEATURE, root / FEATURE):
        assert find_story(feature, "WISH-9", None, root).folder == "plans/read/uat/WISH-9"


@pytest.mark.parametrize(
    ("feature", "story_id", "message"),
    [
        ("plans/read", "READ-9", r"^plans/read: no story READ-9; did you mean .*READ-8 \(backlog\)"),
        ("plans/read", "read-8", r"did you mean .*READ-8"),
        (
            "plans/read",
            "XYZ",
            r"there are READ-7 \(in-progress\), READ-7 \(backlog\), READ-8 \(backlog\), WISH-9",
        ),
        ("plans/none", "READ-7", r"^plans/none: no such feature folder$"),
        ("plans", "READ-7", r"no story READ-7; there are"),
        ("..", "READ-7", r"not in the workspace"),
        ("plans/read", "../backlog/READ-7", r"story id '../backlog/READ-7': expected the name of a folder"),
        ("plans/read", "..", r"expected the name of a folder"),
        ("plans/read", "a\\b", r"expected the name of a folder"),
        ("plans/read", "", r"expected the name of a folder"),
    ],
)
def test_what_cannot_be_found_is_one_line_that_helps(
    root: Path, feature: str, story_id: str, message: str
) -> None:
    with pytest.raises(InputFault, match=message) as caught:
        find_story(root / feature if feature == ".." else Path(feature), story_id, None, root)
    assert "\n" not in str(caught.value)


def test_an_empty_feature_says_what_was_expected(root: Path) -> None:
    (root / "plans/empty").mkdir()
    with pytest.raises(InputFault, match=r"expected it at \{stage\}/READ-7/READ-7\.md"):
        find_story(Path("plans/empty"), "READ-7", None, root)


def test_a_story_file_may_differ_in_case_but_must_be_there(root: Path) -> None:
    folder = root / "plans/read/uat/WISH-9"
    (folder / "WISH-9.md").rename(folder / "wish-9.md")
    assert find_story(FEATURE, "WISH-9", None, root).text == STORY
    (folder / "wish-9.md").unlink()
    with pytest.raises(InputFault, match=r"^plans/read/uat/WISH-9/WISH-9\.md: no such file"):
        find_story(FEATURE, "WISH-9", None, root)


def test_a_story_that_links_out_of_the_workspace_is_refused(root: Path) -> None:
    path = root / "plans/read/uat/WISH-9/WISH-9.md"
    path.unlink()
    (root.parent / "secret.md").write_text("secret")
    path.symlink_to(root.parent / "secret.md")
    with pytest.raises(InputFault, match="leads out of the workspace"):
        find_story(FEATURE, "WISH-9", None, root)


@pytest.mark.parametrize(
    ("text", "title", "warning"),
    [
        ("# READ-7: Title\n", "Title", None),
        ("# read-7 – Title\n", "Title", None),
        ("# READ-7\n", "READ-7", None),
        ("# READ-70: Title\n", "READ-70: Title", None),
        ("text only\n", "READ-7", None),
        ("", "READ-7", None),
        ("---\na: 1\na: 2\n---\n# T\n", "T", "s.md:3: front matter not understood: the key `a` is already"),
        (
            "---\nautonomy_level: wild\n---\n# T\n",
            "T",
            "s.md: autonomy_level is 'wild', expected one of conservative",
        ),
        ("---\nautonomy_level: [x]\n---\n# T\n", "T", "autonomy_level is ['x']"),
        ("---\n- x\n---\n# T\n", "T", "expected a mapping"),
    ],
)
def test_titles_and_front_matter_are_read_tolerantly(text: str, title: str, warning: str | None) -> None:
    story = parse_story(text, story_id="READ-7", folder="f", stage="s", source="s.md")
    assert (story.title, story.text, story.autonomy_level) == (title, text, None)
    assert [warning in w for w in story.warnings if warning] == [True] * len(story.warnings)
    assert bool(story.warnings) is (warning is not None)


def test_the_workspace_is_the_folder_with_git_a_folder_or_a_file(root: Path) -> None:
    assert find_workspace(root / "plans/read") == root.resolve()
    nested = root / "plans/worktree"
    nested.mkdir()
    (nested / ".git").write_text("gitdir: elsewhere\n")
    assert find_workspace(nested) == nested.resolve()
    (root / ".git").rmdir()
    with pytest.raises(InputFault, match="not in a git checkout"):
        find_workspace(root / "plans/read")


def test_text_keeps_its_line_ends_and_a_pipe_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"a\r\nb\r")
    assert read_text(tmp_path / "a.md") == "a\r\nb\r"
    import os

    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputFault, match="pipe: not a file"):
        read_text(tmp_path / "pipe")


def test_a_fault_is_one_line_without_control_characters() -> None:
    assert str(InputFault("a\x1b[2J\nb")) == "a␛[2J␊b"
