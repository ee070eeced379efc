from __future__ import annotations

import pytest

from packages.core.errors import ValidationFailed
from packages.core.sets.set_number import normalised


@pytest.mark.parametrize("raw", ["10497", " 10497 ", "10497-1"])
def test_one_box_has_one_number(raw: str) -> None:
    assert normalised(raw) == "10497"


def test_words_are_no_set_number() -> None:
    with pytest.raises(ValidationFailed):
        normalised("Galaxy Explorer")
