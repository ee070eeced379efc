"""Which folders of a workspace are stories, and what is left alone on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import story_finder
from core.story_finder import FoundStory, StoryWalk, read_title
from tests.home_workspace import make_root, make_story


def found(root: Path) -> list[FoundStory]:
    walk = StoryWalk(root)
    stories = walk.look(60.0)
    assert walk.done
    return stories


def ids(root: Path) -> set[str]:
    return {story.id for story in found(root)}


def make_file(root: Path, path: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text("# A title\n", "utf-8")


def test_a_story_tells_its_stage_its_feature_and_whether_it_is_planned(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    make_story(root, "WISH-001", "Add item", feature="plans/features/wishlist")
    make_story(root, "WISH-002", "Share", stage="backlog", feature="plans/features/wishlist", plan=False)
    by_id = {story.id: story for story in found(root)}
    first, second = by_id["WISH-001"], by_id["WISH-002"]
    assert (first.stage, first.feature, first.planned) == ("in-progress", "plans/features/wishlist", True)
    assert (second.stage, second.planned) == ("backlog", False)
    assert first.folder == "plans/features/wishlist/in-progress/WISH-001"
    assert read_title(root, first) == "Add item"


@pytest.mark.parametrize(
    "path",
    [
        "features/x/in-progress/login/login.md",
        "features/x/todo/STORY-7/story-7.md",
        "done/OPS-1/OPS-1.md",
        "features/x/later/BIG-IDEA/BIG-IDEA.md",
    ],
)
def test_any_stage_folder_and_the_usual_names_are_stories(tmp_path: Path, path: str) -> None:
    root = make_root(tmp_path)
    make_file(root, path)
    assert ids(root) == {Path(path).parent.name}


def test_work_begun_makes_any_name_a_story(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    make_file(root, "features/x/doing/search/search.md")
    assert ids(root) == set()
    make_file(root, "features/x/doing/search/_implementation/PLAN.yaml")
    assert ids(root) == {"search"}


@pytest.mark.parametrize(
    "path",
    [
        "packages/ui/button/button.md",
        "node_modules/x/in-progress/WISH-1/WISH-1.md",
        ".cache/x/in-progress/WISH-1/WISH-1.md",
        "x/in-progress/_WISH-1/_WISH-1.md",
        "WISH-1/WISH-1.md",
        "x/in-progress/WISH-1/README.md",
        "a/b/c/d/e/f/g/h/in-progress/WISH-1/WISH-1.md",
    ],
)
def test_no_stories(tmp_path: Path, path: str) -> None:
    root = make_root(tmp_path)
    make_file(root, path)
    assert ids(root) == set()


def test_links_and_other_checkouts_are_not_entered(tmp_path: Path) -> None:
    elsewhere = make_root(tmp_path / "other")
    make_story(elsewhere, "WISH-900", "Elsewhere")
    root = make_root(tmp_path)
    (root / "plans").symlink_to(elsewhere / "plans")
    make_story(root / "vendored", "WISH-901", "Of a submodule")
    (root / "vendored" / ".git").write_text("gitdir: ../.git/modules/vendored\n", "utf-8")
    make_story(root, "WISH-902", "A link for a file", feature="features/x")
    file = root / "features/x/in-progress/WISH-902/WISH-902.md"
    file.rename(root / "text.md")
    file.symlink_to(root / "text.md")
    assert ids(root) == set()


def test_a_huge_folder_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(story_finder, "MOST_ENTRIES", 20)
    root = make_root(tmp_path)
    for number in range(21):
        make_story(root, f"DATA-{number}", "Generated", feature="data")
    make_story(root, "WISH-001", "Add item")
    assert ids(root) == {"WISH-001"}


def test_a_huge_workspace_says_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(story_finder, "MOST_FOLDERS", 10)
    root = make_root(tmp_path)
    make_story(root, "WISH-001", "Add item", feature="plans")
    for number in range(30):
        (root / f"package{number}" / "src").mkdir(parents=True)
    walk = StoryWalk(root)
    assert [story.id for story in walk.look(60.0)] == ["WISH-001"], "likely places come first"
    assert walk.done and walk.stopped == "stopped after 10 folders and 1 stories"


def test_what_was_found_is_there_before_the_walk_ends(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    make_story(root, "WISH-001", "Add item")
    (root / "src" / "deep").mkdir(parents=True)
    walk, bits = StoryWalk(root, monotonic=lambda: 0.0), []
    while not walk.done:
        bits.append([story.id for story in walk.look(0.0)])
    assert ["WISH-001"] in bits and len(bits) > bits.index(["WISH-001"]) + 1


def test_a_title_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    folder = make_story(root, "WISH-001", "Add item")
    (folder / "WISH-001.md").write_bytes(b"\xff\xfe not text")
    (story,) = found(root)
    assert read_title(root, story) == ""
