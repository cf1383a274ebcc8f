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
PACKAGES := .venv/.packages
READY := .venv/.ready
# What `make grid` and the tests of it need besides: Ray and Optuna, on top of either file above.
RAY_READY := .venv/.ready-ray

# As it was written: make reads no dollar signs in it, the shell those outside single quotes.
override ARGS := $(value ARGS)

.PHONY: help setup repro person grid replicate report test campaign ui serve exps params look what lint lock clean

help: ## what each target does
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

# What is in .venv is known by the checksum of its requirements, not by their date: a checkout of another branch and
# back rebuilds nothing under programs that run.
$(PACKAGES): $(REQUIREMENTS)
	@test -n "$(PYTHON)" || { echo "make: expected Python 3.11, 3.12 or 3.13 with venv on the PATH, found none; name one with PYTHON=/path/to/python" >&2; exit 1; }
	@if test "$$(cat $(PACKAGES) 2>/dev/null)" = "$$(cksum < $(REQUIREMENTS))"; then touch $(PACKAGES); else $(MAKE) --no-print-directory .venv-anew; fi

.PHONY: .venv-anew
.venv-anew:
	@other=$$(cat .venv/.made-by 2>/dev/null); test -z "$$other" || ! kill -0 $$other 2>/dev/null || { \
		echo "make: expected to set up .venv alone, but process $$other is at it; wait until it has ended (or end it), then run this again" >&2; exit 1; }
	@echo "make: setting up .venv, some 4 GB: takes minutes and says nothing meanwhile"
	rm -rf .venv && mkdir .venv && echo $$PPID > .venv/.made-by
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r $(REQUIREMENTS)
	@# Bytecode on every core; pip uses one. Files of other Python versions, which some packages carry, do not compile.
	@.venv/bin/python -m compileall -qq -j 0 .venv/lib || true
	@cksum < $(REQUIREMENTS) > $(PACKAGES) && rm .venv/.made-by

$(READY): $(PACKAGES) pyproject.toml
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	.venv/bin/chestbench vega
	@touch $(READY)

$(RAY_READY): requirements-ray.txt $(PACKAGES) | $(READY)
	@# All that it adds is listed, the rest is there.
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes -r requirements-ray.txt
	@.venv/bin/python -m compileall -qq -j 0 .venv/lib || true
	@touch $(RAY_READY)

setup: $(READY) ## .venv with the pinned packages

RESULTS = dvc.lock metrics
repro: $(READY) ## the whole benchmark on the built-in sample; ends with the report's place
	@touch .venv/.started
	chestbench repro
	@# The last stage prints the leaderboard; where DVC had nothing to do, it is printed here.
	@test results/leaderboard.txt -nt .venv/.started || cat results/leaderboard.txt
	@test -z "$$(git status --porcelain -- $(RESULTS) 2>/dev/null)" || printf '%s\n' \
		"git: dvc.lock and metrics/ hold this run's results (git diff HEAD --stat -- $(RESULTS))" \
		"     keep: git add $(RESULTS) && git commit -m Results    drop: git restore --staged --worktree $(RESULTS)"
	@chestbench report --where

# Asked before Ray is installed, which takes minutes; --help and --plan need no name.
person:
	@$(if $(filter --help -h --plan,$(ARGS)),true,{ test -n "$${GIT_COMMITTER_NAME:-$$(git config user.name)}" && test -n "$${GIT_COMMITTER_EMAIL:-$$(git config user.email)}"; }) || { \
		echo "make grid: expected a name for DVC's commits, found none; git config user.name NAME and git config user.email ADDRESS" >&2; exit 1; }

grid: person $(RAY_READY) ## many settings at once, on every GPU or a cluster: make grid ARGS="-S 'model=resnet50,small'"
	@chestbench grid $(ARGS)

# Of the command line only: some systems have a variable of that name of their own.
override REPLICATION := $(if $(filter command,$(origin NAME)),$(value NAME))
export REPLICATION
replicate: $(READY) ## a published comparison run again: make replicate NAME=... (without a name: the list)
	@chestbench replicate $${REPLICATION:+"$$REPLICATION"} $(ARGS)

report: $(READY) ## the study as one page in the browser; two studies: make report ARGS="A B"
	@chestbench report $(ARGS)

# A worker more than cores: much of a test is waiting for what it started.
WORKERS ?= $$(.venv/bin/python -c 'import os; print(min(os.cpu_count() + 1, 8))')

test: $(RAY_READY) ## the whole test suite
	python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

campaign: $(RAY_READY) ## long and rare tests (last results: docs/explanation/tests.md)
	python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m campaign $(ARGS)

ui: $(READY) ## MLflow in the browser, after rebuilding runs that are missing
	chestbench sync
	mlflow ui

serve: $(READY) ## the registered model over HTTP, with a page to drop pictures on (ARGS="--port 8080")
	chestbench sync
	chestbench serve $(ARGS)

exps: $(READY) ## all experiments and earlier results in one table
	@chestbench exps $(ARGS)

params: $(READY) ## params.yaml from conf/
	chestbench params

# As it was written: neither make nor a shell reads what is in a path.
override DATA := $(value DATA)
export DATA
look: $(READY) ## how a folder, zip or table is read, without training: make look DATA=/data/mine
	@test -n "$$DATA" || { echo "make look: expected a path, received none: make look DATA=/data/mine" >&2; exit 1; }
	@chestbench look "$$DATA" $(ARGS)

what: $(READY) ## which stages `dvc repro` would run, and because of which file
	@chestbench what

lint: $(READY) ## format, lint and types, as CI checks them
	ruff format --check src stages tests benchmarks
	ruff check src stages tests benchmarks
	mypy src/chestbench stages

COMPILE = uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url
lock: ## the pinned requirements*.txt from pyproject.toml (needs uv; versions stay unless ARGS=--upgrade)
	$(COMPILE) pyproject.toml --extra dev $(ARGS) -o requirements.txt
	$(COMPILE) pyproject.toml --extra dev --extra gpu -c requirements.txt $(ARGS) -o requirements-gpu.txt
	@# Only what Ray and Optuna add: it is installed on top of either of the two above.
	$(COMPILE) pyproject.toml --extra dev --extra ray -c requirements.txt $(ARGS) \
		$$(sed -n 's/^\([a-z0-9.-]*\)==.*/--no-emit-package \1/p' requirements.txt) -o requirements-ray.txt

clean: ## remove what the pipeline made in the workspace (the DVC cache stays)
	rm -rf data models results mlruns mlflow.db dvc_plots
