# What CI runs, and what helps while working. `make check` before each commit.
PYTHON := .venv/bin/python

.PHONY: check test soak kills bench screenshots export-picture

check: .venv/signoff-dev.stamp
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(PYTHON) -m pytest -q

test:
	python3 run.py test

# All tests, in their long versions and with those that are too long for every run.
soak: .venv/signoff-dev.stamp
	SIGNOFF_SOAK=1 $(PYTHON) -m pytest -q

# Over 1,000 real kills, in the background of other work; called again it goes on where it was.
KILLS := $(or $(TMPDIR),/tmp)/signoff-kills
kills: .venv/signoff-dev.stamp
	nice -n 19 $(PYTHON) -m tests.e2e.kill_soak $(KILLS)

bench: .venv/signoff-dev.stamp
	PYTHONPATH=. $(PYTHON) benchmarks/start.py
	PYTHONPATH=. $(PYTHON) benchmarks/decisions.py
	PYTHONPATH=. $(PYTHON) benchmarks/review.py
	PYTHONPATH=. $(PYTHON) benchmarks/checks.py
	PYTHONPATH=. $(PYTHON) benchmarks/replay.py
	PYTHONPATH=. $(PYTHON) benchmarks/cost.py

screenshots: .venv/signoff-dev.stamp
	PYTHONPATH=. $(PYTHON) docs/screenshots.py

# In a real browser: needs Chromium.
export-picture: .venv/signoff-dev.stamp
	PYTHONPATH=. $(PYTHON) docs/export_picture.py

.venv/signoff-dev.stamp: pyproject.toml
	python3 run.py test --collect-only -q > /dev/null
