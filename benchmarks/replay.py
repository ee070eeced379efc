"""Past runs of any length: from opening a journal to its first state, to a seek, to a list of runs.

    python benchmarks/replay.py          (make bench)

Journals of 1,000, 100,000 and 1,000,000 records, each looked at in processes of its own. Times are medians of
several, and of 40 places for seeks; memory is the most that a process had. Ratios to the shortest journal are
what to look at. The first opening of a journal that came without an index is measured too: how long until
something is shown, and until all of it can be.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
LENGTHS = (1_000, 100_000, 1_000_000)
PROCESSES = 9
SEEKS = 40
STEPS = 200
RUNS = 99
GOALS = "goals: first state <= 1.3x, worst seek <= 50 ms, memory <= 1.5x of the shortest"


def main() -> None:
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        runs = Path(folder) / ".signoff" / "runs"
        journals = {length: runs / f"WISH-001-{length}" for length in LENGTHS}
        first = {length: _made(journals[length], length) for length in LENGTHS}
        looked = _looked_at(journals)
        _print_looks(journals, looked)
        _print_first(first)
        _print_list(Path(folder), journals)


def _made(journal: Path, length: int) -> dict[str, float]:
    from tests.long_journal import write_long_journal

    write_long_journal(journal, length)
    return _in_a_process("first_opening", journal)


def _looked_at(journals: dict[int, Path]) -> dict[int, dict[str, float]]:
    """The journals in turn, so that what else the machine does meets them all."""
    found: dict[int, list[dict[str, float]]] = {length: [] for length in journals}
    for _ in range(PROCESSES):
        for length, journal in journals.items():
            found[length].append(_in_a_process("look", journal))
    return {
        length: {key: statistics.median(r[key] for r in rows) for key in rows[0]}
        for length, rows in found.items()
    }


def _print_looks(journals: dict[int, Path], looked: dict[int, dict[str, float]]) -> None:
    print(
        f"{'records':>10}{'MB':>7}{'index':>7}{'first state':>18}{'seek, median':>16}{'worst':>8}"
        f"{'one event':>11}{'memory':>17}"
    )
    least = looked[LENGTHS[0]]
    for length, row in looked.items():
        size, index = (
            (journals[length] / name).stat().st_size / 1e6 for name in ("journal.jsonl", "journal.index")
        )
        print(
            f"{length:>10,}{size:>7.1f}{index:>7.1f}"
            f"{row['first']:>8.1f} ms {row['first'] / least['first']:>5.2f}x"
            f"{row['seek']:>13.1f} ms{row['worst']:>5.0f} ms{row['step']:>8.2f} ms"
            f"{row['memory']:>8.1f} MB{row['memory'] / least['memory']:>5.2f}x"
        )
    print(GOALS, end="\n\n")


def _print_first(first: dict[int, dict[str, float]]) -> None:
    print(f"{'no index yet':>12}{'shown after':>14}{'all of it after':>18}{'records/s':>11}{'memory':>11}")
    for length, row in first.items():
        print(
            f"{length:>12,}{row['shown']:>11.0f} ms{row['all'] / 1000:>16.1f} s"
            f"{length / row['all'] * 1000:>11,.0f}{row['memory']:>8.1f} MB"
        )
    print()


def _print_list(root: Path, journals: dict[int, Path]) -> None:
    """A workspace with the three and many ordinary runs."""
    from core.runs import summarise
    from tests.long_journal import write_long_journal

    for number in range(RUNS):
        write_long_journal(journals[1_000].parent / f"WISH-001-short-{number}", 325)
        summarise(journals[1_000].parent / f"WISH-001-short-{number}")
    took = [_in_a_process("list", root) for _ in range(PROCESSES)]
    count, memory = RUNS + len(journals), statistics.median(t["memory"] for t in took)
    print(f"list of {count} runs: {statistics.median(t['list'] for t in took):.0f} ms, {memory:.1f} MB")


# --- in a process of its own ------------------------------------------------------------


def look(journal: Path) -> dict[str, float]:
    from core.journal_recording import open_recording
    from core.recorded_view import RecordedView

    began = time.perf_counter()
    recording = open_recording(journal)
    view = RecordedView(recording)
    assert view.state.chunk is not None and recording.indexed == 1
    first = since(began)
    places = [random.randint(1, recording.length) for _ in range(SEEKS)]
    seeks = [took(lambda place=place: view.go_to(place)) for place in places]
    start = random.randint(1, recording.length - STEPS)
    view.go_to(start)
    steps = [took(lambda place=place: view.go_to(place)) for place in range(start + 1, start + STEPS)]
    return {
        "first": first,
        "seek": statistics.median(seeks),
        "worst": max(seeks),
        "step": statistics.mean(steps),
        "memory": memory(),
    }


def first_opening(journal: Path) -> dict[str, float]:
    from core.journal_recording import open_recording
    from core.recorded_view import RecordedView

    began = time.perf_counter()
    recording = open_recording(journal)
    assert RecordedView(recording).state.chunk is not None
    shown = since(began)
    while recording.indexed < 1:
        time.sleep(0.01)
    done = since(began)
    # What a run's process keeps when it ends.
    with recording._lock:
        recording._index.turn_page()
    recording.close()
    return {"shown": shown, "all": done, "memory": memory()}


def list_all(root: Path) -> dict[str, float]:
    from core.runs import list_runs

    ms = took(lambda: [run.to_json() for run in list_runs(root)])
    return {"list": ms, "memory": memory()}


def since(began: float) -> float:
    """Milliseconds."""
    return (time.perf_counter() - began) * 1000


def took(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return since(began)


def memory() -> float:
    """The most that this process had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _in_a_process(what: str, place: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, what, str(place)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


ACTS = {"look": look, "first_opening": first_opening, "list": list_all}

if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(ACTS[sys.argv[1]](Path(sys.argv[2]))))
    else:
        main()
