"""Values: frozen, keyword-only, equal by content, hashable where their content is."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from core.domain import Option, Usage, value


def test_values_are_equal_by_content_and_class() -> None:
    @value
    class Other:
        input: int = 0
        output: int = 0
        cache_read: int = 0
        cache_write: int = 0

    assert Usage(input=1) == Usage(input=1) != Usage(input=2)
    other: object = Other()
    assert Usage() != other
    assert {Usage(input=1), Usage(input=1)} == {Usage(input=1)}


def test_values_are_frozen_and_keyword_only() -> None:
    option = Option(id="1", label="a")
    with pytest.raises(FrozenInstanceError):
        option.label = "b"  # type: ignore[misc]
    with pytest.raises(TypeError):
        Option("1", "a")  # type: ignore[call-arg]
    assert replace(option, label="b") == Option(id="1", label="b")


def test_a_value_shows_its_content() -> None:
    assert repr(Option(id="1", label="a")) == "Option(id='1', label='a', pros='', cons='')"
