from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from core.chunk_files import fold_changes, mixed_path, net_changes
from core.diff import FileDiff, added_lines, count_changes, diff_file, diff_hash, unified
from core.domain import FileChange

LINES = st.lists(st.sampled_from([b"a", b"b", b"c\r", b"", b"\xff", b"unique"]), max_size=14)
TEXTS = st.builds(lambda lines, end: b"\n".join(lines) + end, LINES, st.sampled_from([b"", b"\n"]))


def diff(before: bytes | None, after: bytes | None, **modes: int) -> FileDiff:
    action = "create" if before is None else "delete" if after is None else "modify"
    change = FileChange(path="a.py", action=action, before=None, after=None, **modes)  # type: ignore[arg-type]
    return diff_file(change, before, after)


def test_a_change_in_the_middle_as_git_prints_it() -> None:
    before = b"".join(b"%d\n" % n for n in range(1, 11))
    after = before.replace(b"5\n", b"five\nand a half\n")
    assert unified([diff(before, after)]) == (
        "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -2,7 +2,8 @@\n"
        " 2\n 3\n 4\n-5\n+five\n+and a half\n 6\n 7\n 8\n"
    )


def test_changes_far_apart_are_two_hunks_and_near_ones_one() -> None:
    lines = [b"%d\n" % n for n in range(40)]
    far = [*lines]
    far[5], far[30] = b"x\n", b"y\n"
    near = [*lines]
    near[5], near[12] = b"x\n", b"y\n"
    assert [(h.old_start, h.old_count) for h in diff(b"".join(lines), b"".join(far)).hunks] == [
        (3, 7),
        (28, 7),
    ]
    assert len(diff(b"".join(lines), b"".join(near)).hunks) == 1


def test_a_last_line_without_newline_and_a_carriage_return_are_shown() -> None:
    text = unified([diff(b"a\r\nb", b"a\nb\n")])
    assert "-a\r\n" in text
    assert "-b\n\\ No newline at end of file\n" in text


def test_created_deleted_and_executable_files_name_their_modes() -> None:
    assert "new file mode 100755\n--- /dev/null\n" in unified([diff(None, b"a\n", mode_after=0o755)])
    assert "deleted file mode 100644\n--- a/a.py\n+++ /dev/null\n" in unified(
        [diff(b"a\n", None, mode_before=0o644)]
    )
    changed = diff(b"a\n", b"a\n", mode_before=0o644, mode_after=0o755)
    assert changed.mode_changed
    assert unified([changed]).endswith("old mode 100644\nnew mode 100755\n")


def test_a_binary_file_has_no_lines() -> None:
    found = diff(b"a\n", b"\0\n")
    assert (found.binary, found.hunks, found.added, found.removed) == (True, (), 0, 0)
    assert "Binary files a/a.py and b/a.py differ" in unified([found])
    assert added_lines(b"a\n", b"\0\n") == frozenset()


def test_lines_that_are_not_utf_8_stay_apart() -> None:
    shown = [line.text for hunk in diff(b"\xff\n", b"\xfe\n").hunks for line in hunk.lines]
    assert shown == ["\\xff", "\\xfe"]


def test_every_second_line_of_a_long_file_changed() -> None:
    before = b"".join(b"line %d\n" % n for n in range(20_000))
    after = b"".join(b"line %d\n" % n if n % 2 else b"new %d\n" % n for n in range(20_000))
    assert count_changes(before, after) == (10_000, 10_000)


def test_a_large_unlike_gap_counts_as_replaced() -> None:
    before = b"".join(b"x\ny\n" for _ in range(5_000)) + b"end\n"
    after = b"".join(b"y\nx\nz\n" for _ in range(5_000)) + b"end\n"
    assert count_changes(before, after) == (15_000, 10_000)


@settings(max_examples=150, deadline=None)
@given(TEXTS, TEXTS)
def test_the_hunks_turn_before_into_after(before: bytes, after: bytes) -> None:
    found = diff(before, after)
    old, new = split(before), split(after)
    rebuilt: list[str] = []
    at = 0
    for hunk in found.hunks:
        start = hunk.old_start - 1 if hunk.old_count else hunk.old_start
        rebuilt += old[at:start]
        assert [shown(line.text, line.ends) for line in hunk.lines if line.kind != "+"] == old[
            start : start + hunk.old_count
        ]
        rebuilt += [shown(line.text, line.ends) for line in hunk.lines if line.kind != "-"]
        at = start + hunk.old_count
    assert rebuilt + old[at:] == new
    assert (found.added, found.removed) == count_changes(before, after)
    assert {line.new_no for h in found.hunks for line in h.lines if line.kind == "+"} == added_lines(
        before, after
    )


def shown(text: str, ends: bool) -> str:
    return text + ("\n" if ends else "")


def split(data: bytes) -> list[str]:
    text = data.decode("utf-8", "backslashreplace")
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


# --- the changes of a chunk -------------------------------------------------------------

BLOBS = {"1": b"a\n", "2": b"a\nb\n", "3": b"c\n"}


def change(path: str, before: str | None, after: str | None, folders: tuple[str, ...] = ()) -> FileChange:
    action = "create" if before is None else "delete" if after is None else "modify"
    mode = {"mode_before": None if before is None else 0o644, "mode_after": None if after is None else 0o644}
    return FileChange(path=path, action=action, before=before, after=after, folders=folders, **mode)  # type: ignore[arg-type]


def test_several_edits_of_a_file_are_one_net_change_with_its_own_counts() -> None:
    net = net_changes(
        [change("b", "1", "3"), change("a", None, "1", ("d",)), change("b", "3", "2")], BLOBS.__getitem__
    )
    assert [(c.path, c.action, c.before, c.after, c.added, c.removed) for c in net] == [
        ("a", "create", None, "1", 1, 0),
        ("b", "modify", "1", "2", 1, 0),
    ]
    assert net[0].folders == ("d",)


def test_what_cancels_out_is_no_change() -> None:
    assert fold_changes([change("a", None, "1"), change("a", "1", None)]) == ()
    assert fold_changes([change("a", "1", "2"), change("a", "2", "1")]) == ()


def test_deleted_and_made_again_is_a_modification() -> None:
    (net,) = fold_changes([change("a", "1", None), change("a", None, "2")])
    assert (net.action, net.before, net.after) == ("modify", "1", "2")


def test_somebody_elses_edit_in_between_is_seen() -> None:
    assert mixed_path([change("a", "1", "2"), change("a", "3", "1")]) == "a"
    assert mixed_path([change("a", "1", "2"), change("b", "1", "2"), change("a", "2", "3")]) is None


def variants() -> Iterator[tuple[FileChange, ...]]:
    yield (change("a", "1", "3"),)
    yield (change("a", "1", "2"), change("b", "1", "2"))
    yield (change("a", None, "2"),)
    yield (change("c", "1", "2"),)
    yield ()


def test_the_hash_names_the_bytes_on_both_sides_in_any_order() -> None:
    pair = (change("a", "1", "2"), change("b", None, "2"))
    assert diff_hash(pair) == diff_hash(pair[::-1])
    hashes = [diff_hash(pair), diff_hash(pair[:1]), *map(diff_hash, variants())]
    assert len(set(hashes)) == len(hashes)
