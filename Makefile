# The commands of this project; `make help` lists them. Everything runs in .venv, which the first call makes from
# requirements.lock (hashes checked; about 3 minutes, 7 GB).

SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: help setup repro test test-fast check format docs ui bench fetch weights lock-check lock clean-venv

# The newest supported Python that is here; name another one with make PYTHON=/path/to/python3.12 …
PYTHON ?= $(firstword $(foreach p,python3.13 python3.12 python3.11 python3 python,$(shell command -v $(p) >/dev/null 2>&1 && $(p) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $(p))))
READY := .venv/ready
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export DVC_NO_ANALYTICS := 1
export PYTHONWARNINGS := ignore::SyntaxWarning

help: ## This list
	@awk -F ' *:[^#]*## *' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml
	@if [ -z "$(PYTHON)" ]; then echo "drumspace needs Python 3.11, 3.12 or 3.13 and found none: install one, or name it: make PYTHON=/path/to/python3.12 …" >&2; exit 1; fi
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) has no venv module: install it (on Debian: apt-get install $$(basename $(PYTHON))-venv)." >&2; exit 1; }
	@command -v git >/dev/null || { echo "git is missing: DVC needs it." >&2; exit 1; }
	@free=$$(df -Pk . | awk 'NR==2 {print int($$4/1048576)}'); if [ "$$free" -lt 10 ]; then echo "Only $$free GB are free here: the packages take 7 GB, data and models 2 GB." >&2; exit 1; fi
	@echo "Setting up .venv from requirements.lock with $$($(PYTHON) --version): about 3 minutes, once."
	@[ -x .venv/bin/python ] || $(PYTHON) -m venv .venv
	@python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock || { echo "The packages of requirements.lock could not be installed: the lines above say which. Is the network there?" >&2; exit 1; }
	@python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@# numba caches what librosa compiles when it is imported: two processes that did so at once would corrupt the cache.
	@python -c 'import librosa; librosa.yin, librosa.cqt, librosa.griffinlim'
	@drumspace weights --packages || echo "Published weights could not be fetched ahead; the pipeline tries again." >&2
	@touch $@

setup: $(READY) ## Make .venv, and nothing else

repro: $(READY) ## Run the pipeline, all of it or STAGE=name; DVC skips what has not changed
	@PYTHONPATH=stages python -m _lib.plan
	@dvc repro $(STAGE)
	@drumspace track
	@echo "Open reports/report.html; compare runs with: make ui"

test: $(READY) ## Run all tests on both cores, or TESTS=path
	@pytest -n 2 --dist loadgroup $(TESTS)

test-fast: $(READY) ## Run the tests that neither train nor run the pipeline: the inner loop
	@pytest -n 2 --dist loadgroup -m "not slow and not training and not pipeline" $(TESTS)

check: $(READY) ## Check style, types, spelling, the direction of imports and the docs
	ruff check .
	ruff format --check .
	mypy
	codespell
	lint-imports --no-cache
	python tests/pipeline/vocabulary.py
	mkdocs build --strict --quiet

format: $(READY) ## Put the code into the format that `make check` asks for
	ruff check --fix .
	ruff format .

docs: $(READY) ## Build the docs site into site/
	mkdocs build --strict --quiet

ui: $(READY) ## Compare runs in MLflow, at http://127.0.0.1:5000 or PORT
	@drumspace track
	mlflow ui --backend-store-uri $${MLFLOW_TRACKING_URI:-sqlite:///$(CURDIR)/mlflow.db} --host 127.0.0.1 --port $${PORT:-5000}

fetch: $(READY) ## Look again for sources that were skipped or changed; `make repro` then re-runs what follows from them
	dvc repro --force --single-item fetch

weights: $(READY) ## Look again for published weights; `make repro` then re-trains the models that can start from more of them
	dvc repro --force --single-item weights

bench: $(READY) ## Measure on a folder of labelled sounds: CORPUS=/path/to/corpus
	@[ -n "$(CORPUS)" ] || { echo "Name the folder: make bench CORPUS=/path/to/corpus" >&2; exit 1; }
	python -m benchmarks.corpus "$(CORPUS)"

lock-check: $(READY) ## Compare dvc.lock and the committed figures with the code beside them
	@python tests/pipeline/lock_check.py

lock: ## Make requirements.lock anew after a change of the dependencies in pyproject.toml; needs uv
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --extra dev pyproject.toml -o requirements.lock

clean-venv: ## Remove .venv
	rm -rf .venv
