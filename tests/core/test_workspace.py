from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.blobs import Blobs, sha_of
from core.domain import FileChange, ScopeGlobs
from core.events import Event, FileChanged, FileChangeStarted
from core.scope_guard import ScopeGuard
from core.workspace import ConflictError, EditError, FileRefused, ScopeError, Workspace

GUARD = ScopeGuard(ScopeGlobs(inside=("src/**",), outside=("web/**", "**/*.css")), (), ("story/**",))
OUT = (
    *("web/a.ts", "src/a.css", "story/log.md", "../x", "/etc/x", ".git/config"),
    *("src/node_modules/x/index.js", "src/.venv/lib/x.py", "src/venv/lib/x.py"),
)


class Bench:
    """A workspace in a folder, with the events it emitted."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "repo"
        (self.root / "src").mkdir(parents=True)
        self.blobs = Blobs(folder / "blobs")
        self.events: list[Event] = []
        self.before_effect: Callable[[], object] = lambda: None
        self.workspace = Workspace(self.root, GUARD, self.blobs, self._emit)

    def _emit(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, FileChangeStarted):
            self.before_effect()

    def put(self, path: str, data: bytes, mode: int = 0o644) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        file.chmod(mode)
        return file

    def write(self, path: str, data: bytes, adjacent: bool = False) -> FileChange:
        planned = self.workspace.plan_write(path, data)
        return self.workspace.carry_out(planned, chunk=1, call_id="c", approved=adjacent)

    def edit(self, path: str, old: str, new: str) -> FileChange:
        return self.workspace.carry_out(self.workspace.plan_edit(path, old, new), chunk=1, call_id="c")

    def delete(self, path: str) -> FileChange:
        return self.workspace.delete(path, chunk=1, call_id="c")

    def changes(self) -> tuple[FileChange, ...]:
        return tuple(event.change for event in self.events if isinstance(event, FileChanged))

    def picture(self) -> dict[str, tuple[int, bytes] | None]:
        """Everything below the root: mode and bytes of files, None for folders."""
        return {
            str(path.relative_to(self.root)): None
            if path.is_dir()
            else (stat.S_IMODE(path.stat().st_mode), path.read_bytes())
            for path in self.root.rglob("*")
        }


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


# --- writing ----------------------------------------------------------------------------


def test_a_new_file_is_written_with_its_folders_and_events(bench: Bench) -> None:
    change = bench.write("src/a/b/new.py", b"x\r\ny")
    assert (bench.root / "src/a/b/new.py").read_bytes() == b"x\r\ny"
    assert (change.action, change.before, change.after, change.added) == (
        "create",
        None,
        sha_of(b"x\r\ny"),
        2,
    )
    assert (change.mode_after, change.folders) == (0o644, ("src/a", "src/a/b"))
    assert [type(event) for event in bench.events] == [FileChangeStarted, FileChanged]
    assert bench.blobs.get(sha_of(b"x\r\ny")) == b"x\r\ny"


def test_both_contents_are_kept_before_the_file_changes(bench: Bench) -> None:
    file = bench.put("src/a.py", b"old")
    bench.workspace.read("src/a.py")
    seen: list[bytes] = []

    def look() -> None:
        seen.extend((file.read_bytes(), bench.blobs.get(sha_of(b"old")), bench.blobs.get(sha_of(b"new"))))

    bench.before_effect = look
    bench.write("src/a.py", b"new")
    assert seen == [b"old", b"old", b"new"]
    assert file.read_bytes() == b"new"


def test_the_mode_of_a_file_is_kept(bench: Bench) -> None:
    file = bench.put("src/run.sh", b"old", 0o755)
    bench.edit("src/run.sh", "old", "new")
    assert stat.S_IMODE(file.stat().st_mode) == 0o755


def test_the_same_bytes_again_change_nothing(bench: Bench) -> None:
    bench.put("src/a.py", b"same")
    bench.workspace.read("src/a.py")
    bench.write("src/a.py", b"same")
    assert bench.events == []


@pytest.mark.parametrize("path", OUT)
def test_out_of_scope_is_never_written(bench: Bench, path: str) -> None:
    with pytest.raises(ScopeError) as refused:
        bench.write(path, b"x", adjacent=True)
    assert refused.value.verdict == "out"
    assert bench.events == []


def test_an_adjacent_path_needs_leave(bench: Bench) -> None:
    with pytest.raises(ScopeError) as refused:
        bench.write("lib/a.py", b"x")
    assert refused.value.verdict == "adjacent"
    bench.write("lib/a.py", b"x", adjacent=True)
    assert (bench.root / "lib/a.py").read_bytes() == b"x"


def test_secrets_are_neither_read_nor_written(bench: Bench) -> None:
    bench.put("src/.env", b"KEY=1")
    for act in (lambda: bench.workspace.read("src/.env"), lambda: bench.edit("src/.env", "1", "2")):
        with pytest.raises(FileRefused, match="secrets"):
            act()


def test_a_name_that_differs_only_in_case_or_form_is_refused(bench: Bench) -> None:
    bench.put("src/Caf\u00e9.py", b"")
    for path in ("src/caf\u00e9.py", "src/CAF\u00c9.py", "SRC/new.py"):
        with pytest.raises(FileRefused, match="only in case"):
            bench.write(path, b"x", adjacent=True)


# --- links, devices, sizes --------------------------------------------------------------


def test_no_link_is_written_through(bench: Bench, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.py").write_bytes(b"theirs")
    (bench.root / "src/folder").symlink_to(outside)
    (bench.root / "src/file.py").symlink_to(outside / "a.py")
    (bench.root / "src/inner").symlink_to(bench.root / "web")
    for path in ("src/folder/a.py", "src/folder/new.py", "src/file.py", "src/inner/a.ts"):
        with pytest.raises(FileRefused, match="symbolic link"):
            bench.write(path, b"ours")
    assert [(p.name, p.read_bytes()) for p in outside.iterdir()] == [("a.py", b"theirs")]


def test_a_link_swapped_in_at_the_last_moment_is_refused(bench: Bench, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (bench.root / "src/d").mkdir()

    def swap() -> None:
        (bench.root / "src/d").rmdir()
        (bench.root / "src/d").symlink_to(outside)

    bench.before_effect = swap
    with pytest.raises(FileRefused, match="symbolic link"):
        bench.write("src/d/a.py", b"ours")
    assert list(outside.iterdir()) == []


def test_a_hard_link_is_read_but_not_written(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "theirs").write_bytes(b"theirs")
    os.link(tmp_path / "theirs", bench.root / "src/a.py")
    assert bench.workspace.read("src/a.py") == b"theirs"
    with pytest.raises(FileRefused, match="hard link"):
        bench.write("src/a.py", b"ours")


def test_only_regular_files_of_a_sane_size(bench: Bench) -> None:
    os.mkfifo(bench.root / "src/pipe")
    bench.put("src/big.txt", b"x" * 2_000_001)
    for path, why in (
        ("src/pipe", "regular"),
        ("src/big.txt", "2.0 MB"),
        ("src", "folder"),
        ("src/no", "exist"),
    ):
        with pytest.raises(FileRefused, match=why):
            bench.workspace.read(path)
    with pytest.raises(FileRefused, match="2 MB"):
        bench.write("src/new.txt", b"x" * 2_000_001)


def test_reading_follows_links_only_inside(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "theirs").write_bytes(b"theirs")
    bench.put("src/a.py", b"ours")
    bench.put("src/.env", b"KEY=1")
    (bench.root / "in").symlink_to("src/a.py")
    (bench.root / "out").symlink_to(tmp_path / "theirs")
    (bench.root / "sly").symlink_to("src/.env")
    (bench.root / "loop").symlink_to("loop")
    assert bench.workspace.read("in") == b"ours"
    for path in ("out", "sly", "loop", ".git/config"):
        with pytest.raises(FileRefused):
            bench.workspace.read(path)


# --- somebody else's edits --------------------------------------------------------------


def test_an_existing_file_must_be_read_before_it_is_overwritten(bench: Bench) -> None:
    file = bench.put("src/a.py", b"theirs")
    with pytest.raises(ConflictError) as conflict:
        bench.write("src/a.py", b"ours")
    assert conflict.value.kind == "unread"
    assert file.read_bytes() == b"theirs"
    bench.edit("src/a.py", "theirs", "ours")
    bench.write("src/a.py", b"ours again")


def test_a_file_changed_since_it_was_read_is_not_touched(bench: Bench) -> None:
    file = bench.put("src/a.py", b"one")
    bench.workspace.read("src/a.py")
    file.write_bytes(b"theirs: one")
    acts: list[Callable[[], object]] = [
        lambda: bench.write("src/a.py", b"ours"),
        lambda: bench.edit("src/a.py", "one", "two"),
        lambda: bench.delete("src/a.py"),
    ]
    for act in acts:
        with pytest.raises(ConflictError) as conflict:
            act()
        assert conflict.value.kind == "changed"
    file.unlink()
    with pytest.raises(ConflictError) as conflict:
        bench.write("src/a.py", b"ours")
    assert conflict.value.kind == "gone"
    assert bench.events == []


@pytest.mark.parametrize("theirs", [b"theirs", b"read", None])
def test_a_file_changed_at_the_last_moment_is_not_touched(bench: Bench, theirs: bytes | None) -> None:
    file = bench.put("src/a.py", b"once")
    bench.workspace.read("src/a.py")

    def save() -> None:
        file.unlink() if theirs is None else file.write_bytes(theirs)

    bench.before_effect = save
    with pytest.raises(ConflictError):
        bench.write("src/a.py", b"ours")
    assert (file.read_bytes() if file.exists() else None) == theirs
    assert [p.name for p in (bench.root / "src").iterdir()] == ([] if theirs is None else ["a.py"])


def test_a_file_that_appears_at_the_last_moment_is_not_touched(bench: Bench) -> None:
    bench.before_effect = lambda: bench.put("src/a.py", b"theirs")
    with pytest.raises(ConflictError):
        bench.write("src/a.py", b"ours")
    assert (bench.root / "src/a.py").read_bytes() == b"theirs"


# --- taking back ------------------------------------------------------------------------


def test_a_revert_restores_bytes_modes_and_folders(bench: Bench) -> None:
    bench.put("src/keep.sh", b"\xef\xbb\xbfa\r\nb", 0o755)
    bench.put("src/gone.py", b"\xff\0")
    (bench.root / "src/empty").mkdir()
    before = bench.picture()
    bench.edit("src/keep.sh", "a\nb", "a\nc\nd")
    bench.delete("src/gone.py")
    bench.write("src/gone.py", b"\xff\0")
    bench.write("src/empty/x.py", b"x")
    bench.write("src/deep/er/y.py", b"y")
    bench.delete("src/deep/er/y.py")
    undone = bench.workspace.revert(bench.changes(), chunk=1)
    assert bench.picture() == before
    assert {change.path for change in undone} == {"src/keep.sh", "src/empty/x.py"}


def test_a_revert_refuses_as_a_whole_when_a_file_is_somebody_elses(bench: Bench) -> None:
    bench.write("src/a.py", b"ours")
    bench.write("src/b.py", b"ours")
    (bench.root / "src/b.py").write_bytes(b"theirs")
    now = bench.picture()
    with pytest.raises(ConflictError, match=r"src/b\.py: is no longer what chunk 1 left"):
        bench.workspace.revert(bench.changes(), chunk=1)
    assert bench.picture() == now


def test_a_revert_refuses_when_somebody_elses_edit_lies_between_two_of_the_chunk(bench: Bench) -> None:
    bench.write("src/a.py", b"ours")
    (bench.root / "src/a.py").write_bytes(b"theirs")
    bench.workspace.read("src/a.py")
    bench.write("src/a.py", b"ours too")
    with pytest.raises(ConflictError, match="somebody else"):
        bench.workspace.revert(bench.changes(), chunk=1)


def test_a_revert_that_was_cut_short_is_finished_by_another(bench: Bench) -> None:
    bench.put("src/a.py", b"before")
    bench.edit("src/a.py", "before", "after")
    bench.write("src/b.py", b"new")
    (bench.root / "src/a.py").write_bytes(b"before")
    (undone,) = bench.workspace.revert(bench.changes(), chunk=1)
    assert undone.path == "src/b.py"
    assert bench.picture() == {"src": None, "src/a.py": (0o644, b"before")}


def test_after_a_crash_the_hash_tells_what_became_of_a_change(bench: Bench) -> None:
    class Killed(Exception):
        pass

    def die() -> None:
        raise Killed

    bench.put("src/a.py", b"before")
    bench.before_effect = die
    with pytest.raises(Killed):
        bench.edit("src/a.py", "before", "after")
    with pytest.raises(Killed):
        bench.write("src/d/new.py", b"new")
    edit, create = [e.change for e in bench.events if isinstance(e, FileChangeStarted)]
    (bench.root / "src/d").mkdir()
    again = Workspace(bench.root, GUARD, bench.blobs, bench.events.append)
    assert (again.recover(edit), again.recover(create)) == ("not done", "not done")
    assert not (bench.root / "src/d").exists()
    bench.put("src/a.py", b"after")
    assert again.recover(edit) == "done"
    bench.put("src/a.py", b"theirs")
    assert again.recover(edit) == "conflict"


NAMES = st.sampled_from(["src/a.py", "src/b.sh", "src/d/c.py", "src/d/e/f.py"])
CONTENTS = st.sampled_from([b"", b"one\n", b"one\r\ntwo\r\n", b"two", b"\xff\0"])
ACTS = st.lists(st.tuples(st.sampled_from(["write", "edit", "delete"]), NAMES, CONTENTS), max_size=8)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(NAMES, st.tuples(CONTENTS, st.sampled_from([0o644, 0o755, 0o600]))), ACTS)
def test_any_chunk_is_reverted_to_the_byte(
    files: dict[str, tuple[bytes, int]], acts: list[tuple[str, str, bytes]]
) -> None:
    with TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        for path, (data, mode) in files.items():
            bench.put(path, data, mode)
            bench.workspace.read(path)
        before = bench.picture()
        for act, path, data in acts:
            try:
                match act:
                    case "write":
                        bench.write(path, data)
                    case "edit":
                        bench.edit(path, "one", "three\nfour")
                    case _:
                        bench.delete(path)
            except (EditError, FileRefused):
                continue
        bench.workspace.revert(bench.changes(), chunk=1)
        assert bench.picture() == before
