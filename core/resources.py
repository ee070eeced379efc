"""Where the bundled folders are: in the checkout, or in the wheel under `core/_data`."""

from __future__ import annotations

from pathlib import Path


def resource_folder(name: str) -> Path:
    """`themes` or `sample_stories`, wherever this installation has it."""
    package = Path(__file__).resolve().parent
    packed = package / "_data" / name
    return packed if packed.is_dir() else package.parent / name
