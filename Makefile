# Two commands need nothing but Python 3.11 to 3.13, git and make: `make repro` and `make test`.
# PYTHON=python3.12 make repro   chooses the interpreter.

PYTHON ?= $(shell for name in python3.12 python3.11 python3.13 python3 python; do \
	command -v $$name >/dev/null 2>&1 && $$name -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && { echo $$name; break; }; done)
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export TF_CPP_MIN_LOG_LEVEL ?= 2
# Bytecode makes `import tensorflow` three times faster; a shell that switches it off would slow every stage.
unexport PYTHONDONTWRITEBYTECODE
unexport PYTHONPATH

# REQUIREMENTS=requirements-gpu.txt make repro   adds the CUDA libraries for an NVIDIA GPU (Linux).
REQUIREMENTS ?= requirements.txt
READY := .venv/.ready

.PHONY: help setup repro test ui exps params what lint lock clean

help: ## what each target does
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

$(READY): $(REQUIREMENTS) pyproject.toml
	@test -n "$(PYTHON)" || { echo "make: expected Python 3.11, 3.12 or 3.13 with venv on the PATH, found none; name one with PYTHON=/path/to/python" >&2; exit 1; }
	rm -rf .venv
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(REQUIREMENTS)
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

setup: $(READY) ## .venv with the pinned packages

repro: $(READY) ## the whole study on the built-in sample; ends with the leaderboard
	@touch .venv/.started
	dvc repro
	@# The last stage prints the leaderboard; where DVC had nothing to do, it is printed here.
	@test results/compare/leaderboard.txt -nt .venv/.started || cat results/compare/leaderboard.txt

test: $(READY) ## the whole test suite
	python -m pytest -n 2 --dist loadfile

ui: $(READY) ## MLflow in the browser, after rebuilding runs that are missing
	python -m chestbench.tracking sync
	mlflow ui

exps: $(READY) ## all experiments in one table: parameters and measures, without the paths of dependencies
	dvc exp show --drop '.*/.*' $(ARGS)

params: $(READY) ## params.yaml from conf/
	python -m chestbench.core.compose

what: $(READY) ## which stages `dvc repro` would run, and because of which file
	python -m chestbench.core.what

lint: $(READY) ## format, lint and types, as CI checks them
	ruff format --check src stages tests benchmarks
	ruff check src stages tests benchmarks
	mypy src/chestbench

COMPILE = uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url
lock: ## the pinned requirements from requirements*.in (needs uv)
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) -c requirements.txt requirements-gpu.in -o requirements-gpu.txt

clean: ## remove what the pipeline made in the workspace (the DVC cache stays)
	rm -rf data models results mlruns mlflow.db dvc_plots
