"""What is too long for every run of the tests: `make soak` runs it."""

from __future__ import annotations

import os

import pytest

only_in_soak = pytest.mark.skipif(not os.environ.get("SIGNOFF_SOAK"), reason="long: make soak runs it")
