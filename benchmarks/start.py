"""From process start to the first meaningful frame, against the floor: a bare Textual "hello".

    make bench

Each figure is the median of several runs, the programs taken in turn in one go, on a real pty of
160x48. Ratios are what to look at; the machine's own speed cancels out.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pexpect

from core.demo import prepare_sample

ROOT = Path(__file__).resolve().parents[1]
RECORDED = ROOT / "tests" / "journals" / "python"
RUNS = 9
HELLO = """
from textual.app import App
from textual.widgets import Static
class Hello(App):
    def compose(self):
        yield Static("hello from the floor")
Hello().run()
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SIGNOFF_STATE_DIR"] = str(Path(folder) / "state")
        environ = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
        sample = prepare_sample("python", None, Path(folder) / "w", environ=environ, say=lambda _: None)
        shutil.copytree(RECORDED, sample.root / ".signoff" / "runs" / "WISH-001-20261124-100000-3fa9")
        home = ["-m", "tui.cli", "home", "--workspace", str(sample.root)]
        run = [
            "-m", "tui.cli", "run", str(sample.feature_dir), sample.story_id,
            "--model", f"scripted:{sample.script}",
        ]  # fmt: skip
        screen: dict[str, Callable[[], float]] = {
            "bare Textual hello": lambda: until(["-c", HELLO], b"hello from", environ),
            "signoff home": lambda: until(home, b"WISH-001", environ),
            "signoff home, all read": lambda: until(home, b"COMPLETE", environ),
            "signoff run screen": lambda: until(run, b"WISH-001", environ),
        }
        table("first frame", "bare Textual hello", screen)
        line: dict[str, Callable[[], float]] = {
            "python3 -c pass": lambda: whole(["-c", "pass"], environ),
            "signoff --help": lambda: whole(["-m", "tui.cli", "--help"], environ),
            "signoff runs list": lambda: whole(
                ["-m", "tui.cli", "runs", "list", "--workspace", str(sample.root)], environ
            ),
        }
        table("headless", "python3 -c pass", line)


def until(args: list[str], shown: bytes, environ: dict[str, str]) -> float:
    """Seconds until `shown` was written to the terminal; the program is killed then."""
    started = time.perf_counter()
    child = pexpect.spawn(sys.executable, args, env=environ, dimensions=(48, 160), timeout=30)
    child.expect(re.escape(shown))
    taken = time.perf_counter() - started
    child.close(force=True)
    return taken


def whole(args: list[str], environ: dict[str, str]) -> float:
    """Seconds from start to exit."""
    started = time.perf_counter()
    child = pexpect.spawn(sys.executable, args, env=environ, timeout=30)
    child.expect(pexpect.EOF)
    child.close()
    return time.perf_counter() - started


def table(title: str, floor: str, programs: dict[str, Callable[[], float]]) -> None:
    taken: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(RUNS):
        for name, measure in programs.items():
            taken[name].append(measure())
    base = statistics.median(taken[floor])
    print(f"{title:<24}{'ms':>8}{'ratio':>8}")
    for name, seconds in taken.items():
        median = statistics.median(seconds)
        print(f"{name:<24}{median * 1000:>8.0f}{median / base:>8.2f}")
    print()


if __name__ == "__main__":
    main()
