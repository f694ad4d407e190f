# The only commands a newcomer needs. Each does its own set-up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test test-crash check bench bench-poll bench-compose bench-match bench-deliver bench-render bench-relevance bench-retention pictures messages wheel lock clean

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: $(READY) ## the whole job on a bundled sample: real digests within a minute (ARGS="--open" shows one)
	@$(BIN)/digestd demo --out .demo $(ARGS)

test: $(READY) ## the tests
	@$(BIN)/python -m pytest -n auto $(ARGS)

test-crash: $(READY) ## the long form of tests/crash: more than 200 kills, a full disk, Postfix (about eight minutes; SEED=n repeats a run)
	@CRASH_KILLS=110 CRASH_SEED=$(SEED) $(BIN)/python -m pytest tests/crash -rPs --timeout 300 $(ARGS)

check: $(READY) ## ruff, mypy, import contracts, budgets
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m tests.house.budgets

bench: $(READY) ## the benchmarks: ratios against a peer or a limit
	@missed=; for each in benchmarks/bench_*.py; do \
		name=$$(basename $$each .py); $(BIN)/python -m benchmarks.$$name || missed="$$missed $$name"; \
	done; test -z "$$missed" || { echo "missed:$$missed" >&2; exit 1; }

bench-poll: $(READY) ## polling alone, against its limits, feedparser, rss2email and reader (about four minutes)
	@$(BIN)/python -m benchmarks.bench_poll

bench-compose: $(READY) ## composing alone: a hundred thousand readers into SQLite (ARGS="--readers 10000" is quicker)
	@$(BIN)/python -m benchmarks.bench_compose $(ARGS)

bench-match: $(READY) ## matching alone: a hundred thousand readers, against its limits and a regex loop
	@$(BIN)/python -m benchmarks.bench_match $(ARGS)

bench-deliver: $(READY) ## delivery alone: 20,000 digests into smtp-sink (ARGS="--mails 2000" is quicker)
	@$(BIN)/python -m benchmarks.bench_deliver $(ARGS)

bench-relevance: $(READY) ## how good matching is, against BM25, TF-IDF and its stored table
	@$(BIN)/python -m benchmarks.bench_relevance

bench-retention: $(READY) ## what 400 days leave on disk, against its limit (ARGS="400 20": a twentieth of it)
	@$(BIN)/python -m benchmarks.bench_retention $(ARGS)

bench-render: $(READY) ## from a digest to signed bytes alone, against jinja2, EmailMessage and dkimpy
	@$(BIN)/python -m benchmarks.bench_render

pictures: $(READY) ## the pictures of docs/mail.md and the README, of six made-up digests (needs chromium)
	@$(BIN)/python -m tests.support.samples_pictures docs/pictures

messages: $(READY) ## bring the catalogues of languages up to date (ARGS=it begins one; docs/languages.md)
	@$(BIN)/python -m tests.house.messages $(ARGS)

wheel: $(READY) ## build the wheel into dist/
	@rm -rf dist && $(BIN)/python -m build --wheel --no-isolation

lock: ## write the lock files anew (needs uv)
	@uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" -o requirements.lock
	@uv pip compile -q pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" -o requirements-dev.lock

clean: ## remove what the commands above made
	@rm -rf $(VENV) tests/npm/node_modules .demo dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(READY): requirements-dev.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
