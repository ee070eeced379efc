"""A comparison as JSON, in the shape of docs/export.md."""

from __future__ import annotations

from datetime import timedelta

from core.compare import ChunkPair, Comparison, RunSide
from core.compare_chunks import ChunkSide
from core.domain import JsonObject, Usage


def to_json(found: Comparison) -> JsonObject:
    """Times are in seconds, costs in USD."""
    return {
        "left": _side_json(found.left),
        "right": _side_json(found.right),
        "set_up": [{"what": what, "left": a, "right": b} for what, a, b in found.set_up],
        "parting": _parting_json(found),
        "chunks": [_pair_json(pair) for pair in found.pairs],
        "decisions": [
            {
                "question": each.question,
                "left": each.left,
                "right": each.right,
                "left_chunk": each.left_chunk or None,
                "right_chunk": each.right_chunk or None,
                "same": each.same,
            }
            for each in found.decisions
        ],
    }


def _parting_json(found: Comparison) -> JsonObject | None:
    parting = found.parting
    if parting is None:
        return None
    pair = found.pairs[parting.pair]
    return {
        "left_chunk": pair.left.number if pair.left else None,
        "right_chunk": pair.right.number if pair.right else None,
        "aspect": parting.aspect,
        "left_seq": parting.left_seq or None,
        "right_seq": parting.right_seq or None,
    }


def _side_json(side: RunSide) -> JsonObject:
    return {
        "title": side.title,
        "source": "journal" if side.timed else "log",
        "story_id": side.story or None,
        "state": side.pill,
        "reason": side.reason or None,
        "model": side.model or None,
        "autonomy": side.autonomy or None,
        "chunks": side.chunks,
        "steps_done": side.steps_done,
        "steps_total": side.steps_total,
        "checks_failed": side.checks_failed,
        "usage": _usage_json(side.usage, side.cost_usd, side.turns),
        "took_s": _seconds(side.took),
    }


def _pair_json(pair: ChunkPair) -> JsonObject:
    return {
        "left": _chunk_json(pair.left),
        "right": _chunk_json(pair.right),
        "differ": list(pair.parts),
        "files": [
            {"path": f.path, "left": f.left_words, "right": f.right_words, "same": f.same} for f in pair.files
        ],
    }


def _chunk_json(side: ChunkSide | None) -> JsonObject | None:
    if side is None:
        return None
    return {
        "number": side.number,
        "name": side.name,
        "status": side.told,
        "steps": list(side.steps),
        "check": side.check,
        "attempts": side.attempts,
        "diagnostics": list(side.diagnostics),
        "review": side.review,
        "findings": side.findings,
        "usage": _usage_json(side.usage, side.cost_usd, side.turns),
        "took_s": _seconds(side.took),
    }


def _usage_json(usage: Usage, cost: float | None, turns: int) -> JsonObject:
    return {"input": usage.total_input, "output": usage.output, "cost_usd": cost, "turns": turns}


def _seconds(span: timedelta | None) -> float | None:
    return span.total_seconds() if span is not None else None
