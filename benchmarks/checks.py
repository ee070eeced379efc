"""The incremental check against the cold command, edit after edit, on both samples.

    make bench

Both are asked after each edit, in turn first, and must say the same; the medians are over the edits. The
first check of a run, which nothing could make warm, stands by itself. Ratios are what to look at. The
TypeScript sample needs node and pnpm.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
from pathlib import Path

from core.checks.registry import commands_for, run_check
from core.checks.warm import WarmCheckers
from core.demo import prepare_sample
from core.domain import CheckResult, value
from core.process import scrubbed_environ
from core.story import InputFault

ENVIRON = scrubbed_environ(os.environ)
TIMEOUT_S = 600.0


@value
class Bench:
    """What is edited in a sample: a comment that grows, and a line that is wrong."""

    sample: str
    file: str
    comment: str
    wrong: str
    edits: int


BENCHES = (
    Bench(sample="python", file="packages/core/errors.py", comment="#", wrong='X: int = "s"', edits=9),
    Bench(
        sample="typescript",
        file="apps/api/services/sets/index.ts",
        comment="//",
        wrong='export const x: number = "s"',
        edits=3,
    ),
)


def main() -> None:
    print(f"{'check':<28}{'cold ms':>10}{'warm ms':>10}{'ratio':>8}")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SIGNOFF_STATE_DIR"] = str(Path(folder) / "state")
        for bench in BENCHES:
            into = Path(folder) / bench.sample
            try:
                sample = prepare_sample(bench.sample, None, into, environ=os.environ, say=lambda _: None)
            except InputFault as fault:
                print(f"{bench.sample:<28}left out: {fault}")
                continue
            asyncio.run(measure(bench, sample.root))
    print()


async def measure(bench: Bench, root: Path) -> None:
    told: list[str] = []
    warm = WarmCheckers(
        root, root / ".signoff/runs/warm/bench", environ=ENVIRON, timeout_s=TIMEOUT_S, on_fallback=told.append
    )
    original = (root / bench.file).read_text()
    try:
        row(f"{bench.sample}, the first", [await pair(root, bench.file, warm, cold_first=False)])
        for name, line, passes in (("passes", "", True), ("fails", bench.wrong, False)):
            taken = []
            for n in range(bench.edits):
                comment = f"{bench.comment} {'x' * (n + 1)}"
                (root / bench.file).write_text(f"{original}{line}\n{comment}\n")
                taken.append(await pair(root, bench.file, warm, cold_first=n % 2 == 0, passes=passes))
            row(f"{bench.sample}, {name}", taken)
        assert not told, told
    finally:
        await warm.close()


async def pair(
    root: Path, file: str, warm: WarmCheckers, *, cold_first: bool, passes: bool = True
) -> tuple[float, float]:
    """Seconds of the cold command and of the incremental check, which say the same."""
    results: dict[bool, CheckResult] = {}
    for is_warm in (not cold_first, cold_first):
        results[is_warm] = await run_check(
            root,
            commands_for(root, [file], (), ("auto",)),
            environ=ENVIRON,
            timeout_s=TIMEOUT_S,
            on_output=None,
            put_blob=lambda _: "",
            warm=warm if is_warm else None,
        )
    cold, incremental = results[False], results[True]
    assert cold.ok == incremental.ok == passes, (cold, incremental)
    assert set(cold.diagnostics) == set(incremental.diagnostics), (cold, incremental)
    return cold.duration_s, incremental.duration_s


def row(name: str, taken: list[tuple[float, float]]) -> None:
    cold, warm = (statistics.median(seconds) for seconds in zip(*taken, strict=True))
    print(f"{name:<28}{cold * 1000:>10.0f}{warm * 1000:>10.0f}{warm / cold:>8.2f}")


if __name__ == "__main__":
    main()
