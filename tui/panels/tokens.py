"""What the run has used (tokens, context, cost, the seed's estimate beside them) and has to use: tool servers
and what the knowledge base gave (SPEC 8, 10)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.content import Content

from core.domain import Usage
from core.run_state import RunState
from tui.line import Line
from tui.panels.base import Panel, Shown
from tui.safe_text import one_line, row

BARS = "▁▂▃▄▅▆▇█"
SHOWN_CHUNKS = 60
"""A bar each, of the latest; more of them would not fit."""
BYTES_PER_TOKEN = 4
"""The customer's own estimate (SPEC 9): bytes / 4."""
MOST_ENTRIES = 6


class TokensPanel(Panel):
    KEY: ClassVar[str] = "tokens"
    NAME: ClassVar[str] = "Tokens"

    def slice(self, shown: Shown) -> tuple[object, ...]:
        state = shown.state
        chunk = shown.chunk.usage if shown.pinned and shown.chunk else None
        used = (state.usage, state.cost_usd, state.budgets, state.context_used, state.bytes_read, chunk)
        return (*used, state.searches, state.servers)

    def title(self, shown: Shown) -> Content:
        if shown.pinned and shown.chunk is not None:
            return row(f"Tokens of chunk {shown.chunk.number}")
        return row("Tokens")

    def lines(self, shown: Shown) -> Iterator[Line]:
        state = shown.state
        if shown.pinned and shown.chunk is not None:
            yield _usage_line(shown.chunk.usage)
            yield Line(
                row(cost_words(shown.chunk.cost_usd, None), (f"  {shown.chunk.turns} turns", "$text-muted"))
            )
            return
        yield _usage_line(state.usage)
        yield Line(row(("context ", "$text-muted"), context_words(state)))
        yield Line(
            row(("cost ", "$text-muted"), (cost_words(state.cost_usd, state.budgets.max_cost_usd), "bold"))
        )
        used = [c.usage.total_input + c.usage.output for c in state.chunks[-SHOWN_CHUNKS:]]
        if used:
            yield Line(row(("by chunk ", "$text-muted"), (sparkline(used), "$text-primary")), wrap=False)
        read, written = (short_count(n // BYTES_PER_TOKEN) for n in (state.bytes_read, state.bytes_written))
        yield Line(row((f"bytes/4: ~{read} read, ~{written} written", "$text-muted")), wrap=False)
        yield from _servers(state)
        yield from _knowledge(state)


def _servers(state: RunState) -> Iterator[Line]:
    """What else is in the worker's hands, and what is not any more."""
    for server in state.servers:
        if server.available:
            many = f"{len(server.tools)} tool{'' if len(server.tools) == 1 else 's'}"
            yield Line(row(("✓ ", "$text-success"), one_line(server.server), (f"  {many}", "$text-muted")))
        else:
            why = f"  {one_line(server.why)}"
            yield Line(row(("✗ ", "$text-error"), one_line(server.server), (why, "$text-muted")))


def _knowledge(state: RunState) -> Iterator[Line]:
    """The entries of the knowledge base that this run has found, each once."""
    found = {entry.id: entry for search in state.searches for entry in search.found}
    for entry in list(found.values())[:MOST_ENTRIES]:
        yield Line(
            row((f"{one_line(entry.id)} ", "bold"), (one_line(entry.content), "$text-muted")), wrap=False
        )
    if len(found) > MOST_ENTRIES:
        yield Line(row((f"and {len(found) - MOST_ENTRIES} more entries", "$text-muted")))


def _usage_line(usage: Usage) -> Line:
    parts: list[str | tuple[str, str]] = [
        ("in ", "$text-muted"),
        (short_count(usage.total_input), "bold"),
        ("  out ", "$text-muted"),
        (short_count(usage.output), "bold"),
    ]
    if usage.total_input:
        parts += [
            ("  cache ", "$text-muted"),
            (f"{round(100 * usage.cache_read / usage.total_input)}%", "bold"),
        ]
    return Line(row(*parts))


def context_words(state: RunState) -> str:
    used = short_count(state.context_used)
    if not state.context_tokens:
        return used
    share = round(100 * state.context_used / state.context_tokens)
    return f"{share}%  {used} of {short_count(state.context_tokens)}"


def cost_words(cost_usd: float | None, budget_usd: float | None) -> str:
    """`$0.31 of $2.00`; an unknown price is said, never invented."""
    if cost_usd is None:
        return "not priced"
    return f"${cost_usd:.2f} of ${budget_usd:.2f}" if budget_usd is not None else f"${cost_usd:.2f}"


def short_count(n: int) -> str:
    """A count in at most four characters: `950`, `4.2k`, `42k`, `1.3M`."""
    if n < 1000:
        return str(n)
    if n < 999_500:
        return f"{n / 1000:.1f}k" if n < 9_950 else f"{n / 1000:.0f}k"
    return f"{n / 1_000_000:.1f}M"


def sparkline(values: Sequence[int]) -> str:
    """One bar a value, the highest one full."""
    top = max(values, default=0) or 1
    return "".join(BARS[round((len(BARS) - 1) * v / top)] for v in values)
