"""The long version of the kill test: every record of every story, and more, each by a real SIGKILL.

    python -m tests.e2e.kill_soak FOLDER [KILLS]        1,200 kills, unless told otherwise

FOLDER keeps the uninterrupted runs and `results.jsonl`, a line a kill: called again it goes on from there.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.e2e.kill_runs import STORIES, Kill, Verdict, journal, judge, play

KILLS = 1_200
AT_ONCE = 2 * (os.cpu_count() or 1)  # most of a story's time is waiting


def main(arguments: list[str]) -> int:
    """1 when anything differed from the uninterrupted runs."""
    folder = Path(arguments[0])
    wanted = int(arguments[1]) if len(arguments) > 1 else KILLS
    folder.mkdir(parents=True, exist_ok=True)
    wholes = {story: _whole(story, folder / f"whole-{story}") for story in STORIES}
    results = folder / "results.jsonl"
    done = {each["kill"] for each in _read(results)}
    left = [kill for kill in planned(wholes, wanted) if kill.name not in done]
    print(f"{len(done)} kills done, {len(left)} to do")
    with results.open("a", encoding="utf-8") as file, ThreadPoolExecutor(AT_ONCE) as pool:
        for line in pool.map(lambda kill: _line(kill, wholes[kill.story], folder), left):
            file.write(json.dumps(line) + "\n")
            file.flush()
    return report(_read(results))


def _whole(story: str, folder: Path) -> Path:
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        code = play(story, folder)
        if code != 0:
            sys.exit(f"{story}: uninterrupted it ends with exit {code}")
        (folder / "done").touch()
    return folder


def planned(wholes: dict[str, Path], wanted: int) -> list[Kill]:
    """Behind each record of each story and right before each; then twice, also while it is taken up again."""
    lengths = {story: len(journal(whole)) for story, whole in wholes.items()}
    places = [(story, n) for story, length in lengths.items() for n in range(1, length)]
    kills = [Kill(story=story, at=(n,)) for story, n in places]
    kills += [Kill(story=story, at=(-n - 1,)) for story, n in places]
    chance = random.Random(4)
    while len(kills) < wanted:
        story, first = chance.choice(places)
        # The first records of a process that takes a run up are its own: they are met more often.
        second = chance.choice((1, 2, 3, chance.randrange(1, lengths[story] - first + 1)))
        kill = Kill(story=story, at=(first, second * chance.choice((1, -1))))
        if kill not in kills:
            kills.append(kill)
    return kills


def _line(kill: Kill, whole: Path, folder: Path) -> dict[str, Any]:
    place = folder / kill.name
    shutil.rmtree(place, ignore_errors=True)
    try:
        verdict = judge(kill, whole, place)
    except Exception as fault:  # a journal that does not verify, a run that hangs: a failure like the others
        verdict = Verdict(difference=f"{type(fault).__name__}: {fault}")
    if not verdict.difference and not verdict.asked_twice:
        shutil.rmtree(place)
    return {
        "kill": kill.name,
        "first_at": type(journal(whole)[abs(kill.at[0]) - 1].event).__name__,
        "difference": verdict.difference,
        "asked_twice": verdict.asked_twice,
        "cut_off": verdict.cut_off,
    }


def _read(results: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in results.read_text("utf-8").splitlines()] if results.exists() else []


def report(lines: list[dict[str, Any]]) -> int:
    """Prints what came of it, and how often it was at each kind of event; 1 for a failure."""
    kinds = Counter(line["first_at"] for line in lines)
    failed = [line for line in lines if line["difference"] or line["asked_twice"]]
    print(f"{len(lines)} kills at {len(kinds)} kinds of events: {len(failed)} failures")
    print(", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())))
    print(f"model turns asked twice: {sum(line['asked_twice'] for line in lines)} that were recorded")
    print(f"(and {sum(line['cut_off'] for line in lines)} whose reply a kill cut off)")
    for line in failed:
        print(f"\n{line['kill']} (at {line['first_at']})\n{line['difference']}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
