"""A History is a list whose versions do not disturb each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.history import WIDTH, History

ITEMS = st.lists(st.integers(), max_size=4 * WIDTH + 1)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("more"), st.integers()),
        st.tuples(st.just("less"), st.just(0)),
        st.tuples(st.just("other last"), st.integers()),
        st.tuples(st.just("other"), st.integers()),
    ),
    max_size=40,
)


@given(ITEMS, STEPS)
def test_every_version_stays_what_it_was(items: list[int], steps: list[tuple[str, int]]) -> None:
    history, model = History(items), list(items)
    versions = [(history, tuple(model))]
    for step, number in steps:
        if step == "more":
            history, model = history.with_last(number), [*model, number]
        elif step == "less":
            history, model = history.without_last(), model[:-1]
        elif model and step == "other last":
            history, model = history.with_other_last(number), [*model[:-1], number]
        elif model:
            place = number % len(model)
            history, model = history.with_item(place, -1), [*model[:place], -1, *model[place + 1 :]]
        versions.append((history, tuple(model)))
    for version, as_it_was in versions:
        assert version == as_it_was and version == History(as_it_was)
        assert len(version) == len(as_it_was)
        assert tuple(reversed(version)) == as_it_was[::-1]
        assert version.last == (as_it_was[-1] if as_it_was else None)


@given(ITEMS, st.slices(4 * WIDTH + 1))
def test_it_is_sliced_and_indexed_like_a_list(items: list[int], part: slice) -> None:
    history = History(items)
    assert history[part] == tuple(items[part])
    assert [history[i] for i in range(-len(items), len(items))] == items + items


@given(ITEMS)
def test_a_version_shares_what_did_not_change(items: list[int]) -> None:
    history = History(items)
    shared = history.with_last(1).blocks[: len(history.blocks)]
    assert all(a is b for a, b in zip(history.blocks, shared, strict=True))


def test_the_last_place_that_fits() -> None:
    history = History([3, 5, 3, 4])
    assert history.last_place(lambda item: item == 3) == 2
    assert history.last_place(lambda item: item == 6) is None
