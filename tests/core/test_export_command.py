"""`signoff export`: where it writes, what it refuses, and that it names no path of this machine."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain import Finding, ReviewComment
from core.events import RulesChecked, RunFinished
from core.exports.html import page
from core.hidden_places import Places, WithoutPlaces
from core.recording import Recording
from core.streamed_file import write_stream
from tests.core.folded_recording import Contents, FoldedRecording, chunk, started
from tui.cli import main

JOURNALS = Path(__file__).resolve().parents[1] / "journals"
RUN = "WISH-001-20261124-123947-f2f9"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a run in it."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(JOURNALS / "python", tmp_path / ".signoff" / "runs" / RUN)
    (tmp_path / ".git").mkdir()
    return tmp_path


def test_a_page_goes_into_a_file_named_after_the_run(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", RUN, "--html"]) == 0
    text = (here / f"signoff-{RUN}.html").read_text("utf-8")
    assert text.endswith("</html>\n") and str(here) not in text
    assert f"wrote signoff-{RUN}.html" in capsys.readouterr().err


def test_what_stands_there_is_kept_unless_forced(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "out.html").write_text("mine")
    assert main(["export", RUN, "--html", "-o", "out.html"]) == 2
    assert "out.html: is there already; --force replaces it" in capsys.readouterr().err
    assert (here / "out.html").read_text() == "mine"
    assert main(["export", RUN, "--html", "-o", "out.html", "--force"]) == 0
    assert (here / "out.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert not list(here.glob(".*.tmp"))


def test_json_and_markdown_go_to_stdout(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", RUN, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["run"]["run_id"] == RUN
    assert main(["export", RUN, "--markdown"]) == 0
    assert capsys.readouterr().out.startswith("# WISH-001")
    assert main(["export", RUN, "--json", "-o", "run.json"]) == 0
    assert json.loads((here / "run.json").read_text("utf-8"))


def test_a_bare_log_is_exported_with_what_it_has(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(JOURNALS / "python" / "expected" / "BACKEND-LOG.md", here)
    assert main(["export", "BACKEND-LOG.md", "--html"]) == 0
    text = (here / "signoff-WISH-001.html").read_text("utf-8")
    assert "Read from a log" in text and "apps/api/services/wishlist/service.py" in text


def test_a_log_that_tells_of_no_review_is_not_called_approved(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "LOG.md").write_text(
        "# Log\n\n## Chunk 1 — routes\n- Summary of changes: done\n\nBACKEND COMPLETE\n"
    )
    assert main(["export", "LOG.md", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["chunks"][0]["status"] == "in the log" and found["plan"]["steps"] == []
    assert main(["export", "LOG.md", "--html", "-o", "-"]) == 0
    text = capsys.readouterr().out
    assert "without an approval in the log" in text and "chunks approved" not in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["export", "nothing", "--html"], "no run 'nothing'"),
        (["export", RUN, "--html", "-o", "no/such/folder.html"], "can't be written"),
        (["export", RUN, "--html", "-o", "."], "can't be written"),
        (["export", RUN, "--json", "--at", "3"], "--at goes with --svg"),
        (["compare", RUN, "nothing"], "no run 'nothing'"),
    ],
)
def test_a_mistake_is_one_line(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1


def test_two_runs_are_compared_as_text_and_as_json(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocked = str(JOURNALS / "python-blocked")
    assert main(["compare", RUN, blocked]) == 0
    assert "They part at chunk 2 table and SQLite adapter" in capsys.readouterr().out
    assert main(["compare", RUN, blocked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["parting"]["left_chunk"] == 2


# --- whole or not at all ------------------------------------------------------------------


def broken() -> Iterator[str]:
    yield "half of it"
    raise ValueError("the source broke")


def test_a_file_that_was_not_finished_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="broke"):
        write_stream(tmp_path / "out", broken(), replace=False)
    assert not list(tmp_path.iterdir())


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("mine")
    (tmp_path / "out").symlink_to(target)
    with pytest.raises(FileExistsError):
        write_stream(tmp_path / "out", ["new"], replace=False)
    write_stream(tmp_path / "out", ["new"], replace=True)
    assert target.read_text() == "mine" and (tmp_path / "out").read_text() == "new"


# --- paths of this machine ------------------------------------------------------------------


def recording(root: Path, home: str) -> Recording:
    """The workspace's path and a home folder wherever text can stand."""
    place = f"{root}/a.py and {home}/notes.txt"
    contents = Contents()
    change = contents.change("a.py", None, f"# {place}\n")
    finding = Finding(rule="todo", severity="warn", path="a.py", line=1, message=place)
    comment = ReviewComment(text=place, path="a.py", line=1)
    between = [RulesChecked(chunk=1, round=1, findings=(finding,))]
    events = [
        started(),
        *chunk(1, [change], name=place, summary=place, comments=(comment,), between=between),
        RunFinished(outcome="failed", reason=place, exit_code=1),
    ]
    return FoldedRecording(events, contents, root=root, title=place)


def test_no_path_of_this_machine_is_named(tmp_path: Path) -> None:
    shown = WithoutPlaces(recording(tmp_path / "work", "/home/ada"), {"HOME": "/home/ada"})
    text = "".join(page(shown))
    assert str(tmp_path) not in text and "/home/ada" not in text
    assert "[workspace]/a.py and [home]/notes.txt" in text
    everything = (
        f"{list(shown.records())}{shown.entries(1, shown.length)}{shown.marks()}{shown.root}{shown.title}"
    )
    assert str(tmp_path) not in everything and "/home/ada" not in everything


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/srv/shop", "[workspace]"),
        ("in /srv/shop/a.py:3", "in [workspace]/a.py:3"),
        ("'/srv/shop'.", "'[workspace]'."),
        ("/srv/shopping", "/srv/shopping"),
        ("/srv/shop.bak", "/srv/shop.bak"),
        ("a/srv/shop/b", "a/srv/shop/b"),
        ("/home/ada/x", "[home]/x"),
        ("/home/adam", "/home/adam"),
    ],
)
def test_only_the_places_themselves_are_hidden(text: str, shown: str) -> None:
    places = Places(Path("/srv/shop"), {"HOME": "/home/ada"})
    assert places.hidden(text) == shown
    assert places.hidden_bytes(text.encode()) == shown.encode()


def test_a_home_that_is_nobodys_and_a_root_that_is_everything_hide_nothing() -> None:
    places = Places(Path("/"), {"HOME": "/root"})
    assert places.hidden("WORKDIR /root/app") == "WORKDIR /root/app"
