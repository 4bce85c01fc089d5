# Everything a newcomer needs: `make run` and `make test`.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= localhost
PORT ?= 8000
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet
export HOST PORT

.PHONY: env dev run demo test long check bench bench-peers lock clean

env: $(VENV)/.runtime           ## the environment that runs the service
dev: $(VENV)/.dev               ## the same with what tests and checks need

$(BIN)/uv: requirements/uv.txt
	@echo "making the environment in $(VENV) (once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || $(PYTHON) -m venv --without-pip $(VENV)
	@test -x $(BIN)/pip && $(BIN)/python -m pip install --quiet --require-hashes -r requirements/uv.txt || $(PYTHON) -m pip --python $(BIN)/python install --quiet --require-hashes -r requirements/uv.txt
	@touch $@

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(BIN)/uv
	@echo "installing what the service needs"
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements/runtime.txt
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	@echo "installing what tests and checks need"
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

run: env                        ## migrate, load the demonstration county when empty, serve
	@$(BIN)/expertpool serve

demo: env                       ## load the demonstration county without serving
	$(BIN)/expertpool demo load

test: dev                       ## the whole suite; DB=postgres runs the service tests there too
	./.ci/system-packages
	$(BIN)/python -m pytest -n 2 --dist loadgroup

long: dev                       ## the long form of the statistical runs, ten minutes and more
	$(BIN)/python -m pytest -m long

check: dev                      ## format, lint, strict types, import contracts, matrix
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/expertpool matrix --check

bench: dev                      ## each figure a ratio against a named peer in the same run
	$(BIN)/python -m benchmarks

bench-peers: dev                ## the same for lottery, matching and conflicts with peers that are slow, under another licence, or only peers
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements/bench.txt
	$(BIN)/python -m benchmarks lottery matching conflicts --peers

lock: dev                       ## renew the hash-locked requirements
	$(BIN)/$(LOCK) pyproject.toml requirements/build.in -o requirements/runtime.txt > /dev/null
	$(BIN)/$(LOCK) pyproject.toml requirements/build.in --group dev -c requirements/runtime.txt -o requirements/dev.txt > /dev/null
	$(BIN)/$(LOCK) requirements/uv.in -o requirements/uv.txt > /dev/null
	$(BIN)/$(LOCK) requirements/bench.in -c requirements/dev.txt -o requirements/bench.txt > /dev/null

clean:                          ## remove the environment; var/ (your data) stays
	rm -rf $(VENV)
