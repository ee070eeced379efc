"""Recorded journals look as they did, in every later version (RELIABILITY 4).

Where a screen was changed on purpose: look at it, then `python -m tests.record_journal --screens`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.record_journal import SCREENS, recorded, screens_of


@pytest.mark.parametrize("folder", recorded(), ids=lambda folder: folder.name)
async def test_its_screens_are_what_they_were(folder: Path) -> None:
    drawn = (await screens_of(folder)).decode().splitlines()
    assert drawn == (folder / SCREENS).read_text("utf-8").splitlines()
