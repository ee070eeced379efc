from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from tests.recorded_run import RecordedRun
from tests.soak import only_in_soak
from tests.tui import journal_of_a_run as journal
from tui.bridge import RunView


def script() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "docs" / "screenshots.py"
    spec = importlib.util.spec_from_file_location("screenshots", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["screenshots"] = module
    spec.loader.exec_module(module)
    return module


def test_it_draws_a_recorded_run(tmp_path: Path) -> None:
    screenshots = script()
    view = journal.RecordedView(journal.at_review(), live=False)
    picture = screenshots.Picture(name="diff", view=view, keys=("d",))
    (path,) = screenshots.draw([picture], tmp_path / "images")
    text = path.read_text(encoding="utf-8")
    assert path.name == "diff.svg"
    assert "HTTPStatus" in text


@only_in_soak
def test_it_draws_the_review_of_the_readme(tmp_path: Path) -> None:
    screenshots = script()
    pictures = [picture for picture in screenshots.documented() if picture.name == "review-screen"]
    (path,) = screenshots.draw(pictures, tmp_path)
    text = path.read_text(encoding="utf-8").replace("&#160;", " ")
    assert "your comment on line 26" in text and "todo" in text


@only_in_soak
def test_it_draws_home(tmp_path: Path) -> None:
    path = script().draw_home(tmp_path)
    text = path.read_text(encoding="utf-8").replace("&#160;", " ")
    assert path.name == "home.svg" and "WAITING FOR YOU: review" in text and str(tmp_path) not in text


def test_a_recorded_run_is_a_view_of_a_run() -> None:
    view: RunView = RecordedRun("python")
    assert view.diff(3) and view.contents(3, view.diff(3)[0].path)[1]
