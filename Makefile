# What CI runs, and what helps while working. `make check` before each commit.
PYTHON := .venv/bin/python

.PHONY: check test bench screenshots

check: .venv/signoff-dev.stamp
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(PYTHON) -m pytest -q

test:
	python3 run.py test

bench: .venv/signoff-dev.stamp
	$(PYTHON) benchmarks/start.py

screenshots: .venv/signoff-dev.stamp
	$(PYTHON) docs/screenshots.py

.venv/signoff-dev.stamp: pyproject.toml
	python3 run.py test --collect-only -q > /dev/null
