"""Tokens and cost by chunk: a bar each, with the numbers beside it for those who can't see it."""

from __future__ import annotations

from collections.abc import Iterator

from core.domain import Usage
from core.exports.tag import Html, joined, tag
from core.past_chunk import dollars, duration, lasted, tokens
from core.run_state import ChunkState

BAR = 14
PARTS = (("u-cache", "input from the cache"), ("u-fresh", "input, new"), ("u-out", "output"))


def usage(chunks: tuple[ChunkState, ...]) -> Html:
    if not any(chunk.usage.total_input or chunk.usage.output for chunk in chunks):
        return Html("")
    most = max(chunk.usage.total_input + chunk.usage.output for chunk in chunks)
    priced = any(chunk.cost_usd is not None for chunk in chunks)
    heads = [
        ("Chunk", None),
        ("", None),
        ("In", "num"),
        ("Out", "num"),
        ("Turns", "num some"),
        ("Time", "num some"),
    ]
    heads += [("Cost", "num")] if priced else []
    table = tag(
        "table",
        tag("caption", "Tokens by chunk" if priced else "Tokens by chunk; the model has no known price"),
        tag("thead", tag("tr", *(tag("th", word, scope="col", class_=class_) for word, class_ in heads))),
        tag("tbody", *(tag("tr", *_row(chunk, most, priced)) for chunk in chunks)),
        class_="bars",
    )
    return joined([tag("h2", "Tokens and cost", id="tokens"), tag("div", table, _key(), class_="card wide")])


def _row(chunk: ChunkState, most: int, priced: bool) -> Iterator[Html]:
    used = chunk.usage
    span = duration(chunk)
    yield tag("td", tag("a", f"{chunk.number} {chunk.name}", href=f"#chunk-{chunk.number}"))
    yield tag("td", _bar(used, most))
    yield tag("td", tokens(used.total_input), class_="num")
    yield tag("td", tokens(used.output), class_="num")
    yield tag("td", str(chunk.turns), class_="num some")
    yield tag("td", lasted(span) if span is not None else "", class_="num some")
    if priced:
        yield tag("td", dollars(chunk.cost_usd), class_="num")


def _bar(used: Usage, most: int) -> Html:
    counts = (used.cache_read, used.input + used.cache_write, used.output)
    at, drawn = 0.0, []
    for (class_, _), count in zip(PARTS, counts, strict=True):
        width = 100 * count / most
        if count:
            drawn.append(tag("rect", x=f"{at:.2f}%", y=0, width=f"{width:.2f}%", height=BAR, class_=class_))
        at += width
    told = ", ".join(f"{count:,} {name}" for (_, name), count in zip(PARTS, counts, strict=True))
    return tag(
        "svg", *drawn, class_="pic", width="100%", height=BAR, role="img", aria_label=f"Tokens: {told}"
    )


def _key() -> Html:
    square = (
        tag(
            "svg",
            tag("rect", width=12, height=12, rx=2, class_=class_),
            width=12,
            height=12,
            aria_hidden="true",
        )
        for class_, _ in PARTS
    )
    return tag(
        "ul", *(tag("li", sign, name) for sign, (_, name) in zip(square, PARTS, strict=True)), class_="key"
    )
