"""A bare log as a recording: the same fold and the same panels, chunk by chunk."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import domain as d
from core import events as e
from core import log_recording
from core.blobs import BlobFault
from core.checkout import InputFault
from core.fold import fold
from core.log_recording import LogRecording, open_log
from core.logs.files import fold as fold_files
from core.recording import Recording
from tests.core.logs_run import Run

CHUNK = """## Chunk {n} — Part {n}

- **Objective**: AC-{n}, the part
- **Files changed**:
  - `src/part{n}.ts` (CREATE)
- **Summary of changes**: Added part {n}
- **Commands run**:
  - `pnpm test` - {result}
- **Notes / Risks**: None

---

"""


def log_of(*results: str, end: str = "BACKEND COMPLETE\n") -> str:
    chunks = (CHUNK.format(n=n, result=result) for n, result in enumerate(results, start=1))
    return "# READ-7 Backend Log\n\n## Before\n\nwords\n\n" + "".join(chunks) + end


@pytest.fixture
def recording_of(tmp_path: Path) -> Callable[[str | bytes], LogRecording]:
    def make(text: str | bytes) -> LogRecording:
        path = tmp_path / "BACKEND-LOG.md"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return open_log(path)

    return make


RecordingOf = Callable[[str | bytes], LogRecording]


def test_a_log_is_shown_chunk_by_chunk_with_what_it_has(recording_of: RecordingOf) -> None:
    recording: Recording = recording_of(log_of("PASS", "1 failed"))
    state = recording.state_at(recording.length)
    assert (recording.run_id, recording.title, recording.timed) == ("READ-7", "BACKEND-LOG.md", False)
    assert state.pill == "Complete"
    assert [(s.step.title, s.status) for s in state.steps] == [("Part 1", "done"), ("Part 2", "done")]
    first = state.chunks[0]
    assert first.opening == d.ChunkOpening(
        name="Part 1", objective="AC-1, the part", steps=("1",), criteria=("AC-1",)
    )
    assert [(c.path, c.action, c.before, c.after) for c in first.closed_files] == [
        ("src/part1.ts", "create", None, None)
    ]
    assert [(run.shown, run.result, run.exit_code) for chunk in state.chunks for run in chunk.commands] == [
        ("pnpm test", "PASS", 0),
        ("pnpm test", "1 failed", 1),
    ]
    assert first.changes == ()
    assert [(entry.kind, entry.ok, entry.text) for entry in recording.entries(2, recording.length)] == [
        ("tool", True, "create src/part2.ts"),
        ("tool", False, "pnpm test  1 failed"),
        ("say", True, "Added part 2"),
    ]
    assert recording.entries(1, recording.length)[0].text == "## Before\n\nwords"
    assert [mark.kind for mark in recording.marks()] == ["chunk", "chunk", "end"]


def test_every_state_is_the_fold_of_the_records_before_it(recording_of: RecordingOf) -> None:
    recording = recording_of(log_of(*["PASS"] * 3))
    records = list(recording.records())
    assert [record.seq for record in records] == list(range(1, recording.length + 1))
    assert [recording.record(record.seq) for record in records] == records
    for seq in range(recording.length + 1):
        assert recording.state_at(seq) == fold(records[:seq])
    assert list(recording.records(3, 5)) == records[2:5]


def test_what_our_own_run_wrote_beneath_an_entry_is_shown_as_it_happened(recording_of: RecordingOf) -> None:
    run = Run()
    run.open()
    run.decide("auto", "AUTO-001")
    made = run.change("a.py", None, b"1")
    run.close(made, steps_left_open=("2",))
    run.check("no x", "no y")
    run.close(made, round=2)
    run.rules("TODO left", round=2)
    run.check(round=2, attempt=1, fault="mypy: command not found")
    run.check(round=2, attempt=1)
    run.review("request_changes", d.ReviewComment(text="Rename", path="a.py", line=3), round=2)
    run.close(made, round=3)
    run.check(round=3)
    run.review("approve", round=3)
    run.record(e.CheckFinished(chunk=0, round=1, attempt=0, result=run.records[-2].event.result))  # type: ignore[union-attr]
    run.record(e.RunFinished(outcome="complete", reason="done", exit_code=0))
    recording = recording_of(fold_files(run.records, run.get_blob)["BACKEND-LOG.md"])

    state = recording.state_at(recording.length)
    (chunk,) = state.chunks
    results = [(a.round, a.attempt, a.result) for a in chunk.attempts if a.result]
    assert [(round_, attempt, result.ok) for round_, attempt, result in results] == [
        (1, 0, False),
        (2, 1, False),
        (2, 1, True),
        (3, 2, True),
    ]
    assert results[0][2].errors[0] == d.Diagnostic(
        path="a.py", line=3, column=1, code=None, severity="error", message="attr no x"
    )
    assert results[1][2].environment_fault == "mypy: command not found"
    assert chunk.findings == (
        d.Finding(rule="no-todo", severity="block", path="a.py", line=2, message="TODO left"),
    )
    assert [(review.verdict, review.by, review.comments) for review in chunk.reviews] == [
        ("request_changes", "user", (d.ReviewComment(text="Rename", path="a.py", line=3),)),
        ("approve", "user", ()),
    ]
    (decision,) = state.decisions
    assert (decision.request.title, decision.policy.tier, decision.policy.outcome, decision.recorded_as) == (
        "Test naming",
        1,
        "auto",
        "AUTO-001",
    )
    assert chunk.status == "approved"
    assert chunk.summary is not None
    assert chunk.summary.steps_left_open == ("2",)
    assert [attempt.result.ok for attempt in state.final_check if attempt.result] == [True]
    assert not state.pending


@pytest.mark.parametrize(
    ("beneath", "status"),
    [
        ("- Review: reverted by user\n", "reverted"),
        ("- Review: stopped by user\n", "stopped"),
        ("- Check: `mypy .` — failed: 1 error\n", "blocked"),
        ("- Check: `mypy .` — failed: 1 error\n- Review: approved by user\n", "approved"),
        ("- Check: `mypy .` — failed: 1 error\n- Check: `mypy .` — passed\n", "approved"),
        ("- Review: approved by user\n- Undone: by user, 1 file put back\n", "undone"),
    ],
)
def test_what_became_of_a_chunk(recording_of: RecordingOf, beneath: str, status: str) -> None:
    recording = recording_of(f"## Chunk 1 — a\n- Objective: x\n- Notes / Risks: None\n{beneath}")
    assert recording.state_at(recording.length).chunks[0].status == status


@pytest.mark.parametrize(
    ("end", "pill"),
    [
        ("BACKEND COMPLETE", "Complete"),
        ("BLOCKED: Decision required: x", "Blocked"),
        ("BACKEND PARTIAL", "Stopped"),
        ("FAILED: the model was gone", "Failed"),
        ("", "Stopped"),
    ],
)
def test_how_the_run_ended(recording_of: RecordingOf, end: str, pill: str) -> None:
    recording = recording_of(log_of("PASS", end=f"{end}\n"))
    assert recording.state_at(recording.length).pill == pill


def test_a_log_without_chunk_headings_is_one_chunk_of_all_that_it_says(recording_of: RecordingOf) -> None:
    text = (
        "# READ-7: Books\n\n## Files\n\n- `src/a.ts` (new)\n\n## Checks\n\n- `pnpm test` - PASS\n- all well\n"
    )
    recording = recording_of(text)
    state = recording.state_at(recording.length)
    (chunk,) = state.chunks
    assert (chunk.name, chunk.status, state.pill) == ("READ-7: Books", "stopped", "Stopped")
    assert [change.path for change in chunk.closed_files] == ["src/a.ts"]
    assert [(run.shown, run.result) for run in chunk.commands] == [("pnpm test", "PASS")]
    said = [entry.text for entry in recording.entries(1, recording.length) if entry.kind == "say"]
    assert said == ["## Files\n\n- `src/a.ts` (new)", "## Checks\n\n- `pnpm test` - PASS\n- all well"]
    assert recording.log_entry(1, recording.length) == text.strip()


def test_the_log_entry_is_the_chunk_as_it_was_written(recording_of: RecordingOf) -> None:
    recording = recording_of(log_of("PASS", "PASS"))
    entry = recording.log_entry(2, recording.length)
    assert entry.startswith("## Chunk 2 — Part 2\n\n- **Objective**: AC-2, the part\n")
    assert recording.log_entry(2, 3) == ""
    assert recording.log_entry(7, recording.length) == ""


def test_numbers_of_their_own_and_tokens(recording_of: RecordingOf) -> None:
    recording = recording_of(
        "## Chunk 7-9 — a\n- Notes: x\n## Fix Chunk — b\n- Notes: y\n## Tokens\n- Input: 12k\n- Output: 3k\n"
    )
    state = recording.state_at(recording.length)
    assert [chunk.name for chunk in state.chunks] == ["7-9: a", "b"]
    assert (state.usage.input, state.usage.output) == (12_000, 3_000)


def test_a_place_by_its_time_and_a_blob(recording_of: RecordingOf) -> None:
    recording = recording_of(log_of("PASS"))
    third = recording.record(3)
    assert recording.seq_at(third.at) == 3
    assert recording.seq_at(third.at - timedelta(days=1)) == 0
    assert recording.seq_at(third.at + timedelta(days=1)) == recording.length
    with pytest.raises(IndexError):
        recording.record(recording.length + 1)
    with pytest.raises(BlobFault):
        recording.blob("0" * 64)


def test_a_long_log_opens_before_it_is_read_and_then_grows(
    recording_of: RecordingOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = log_of(*["PASS"] * 300)
    whole = recording_of(text)
    monkeypatch.setattr(log_recording, "AT_ONCE", 1000)
    recording = recording_of(text)
    assert recording.state_at(3).chunks[0].name == "Part 1"
    until = time.monotonic() + 30
    while recording.indexed < 1 and time.monotonic() < until:
        time.sleep(0.01)
    assert recording.length == whole.length
    last, middle = recording.state_at(recording.length), recording.state_at(recording.length // 2)
    assert last == fold(list(recording.records()))
    assert last.chunks[17].name == "Part 18"
    assert middle == whole.state_at(whole.length // 2)
    recording.close()


@pytest.mark.parametrize("name", ["missing.md", "."])
def test_what_can_not_be_read_is_said_in_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputFault, match=r"no such file$|not a file$"):
        open_log(tmp_path / name)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    data=st.binary(max_size=200)
    | st.lists(
        st.sampled_from(
            [
                "# A-1\n",
                "## Chunk 1 — a\n",
                "- Check: `x` — failed: 1 error\n  - a:1: b\n",
                "- Review: stopped\n",
                "- Objective: x\n",
                "- Files changed: a/b.ts\n",
                "BLOCKED: z\n",
                "```\n",
                "- Undone: by me, 1\n",
            ]
        ),
        max_size=12,
    ).map(lambda parts: "".join(parts).encode())
)
def test_any_bytes_make_a_recording(recording_of: RecordingOf, data: bytes) -> None:
    recording = recording_of(data)
    state = recording.state_at(recording.length)
    assert state == fold(list(recording.records()))
    assert state.outcome is not None
    assert len(state.chunks) >= 1
