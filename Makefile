# The README's two commands, `make demo` and `make test`, and what they stand on.
# Needs make, Python >= 3.11 with venv, and a package index; nothing is installed outside this folder.

PYTHON ?= python3
UV := .tools/bin/uv
BIN := .venv/bin
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: setup demo test prove lint docs lock data bench clean
.DEFAULT_GOAL := setup

setup: .venv/.ready

.venv/.ready: requirements.lock tools/bootstrap.lock pyproject.toml
	test -x $(UV) || ($(PYTHON) -m venv .tools && .tools/bin/pip install --quiet --require-hashes --no-deps -r tools/bootstrap.lock)
	test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q src
	touch $@

demo: setup
	mkdir -p build
	$(BIN)/dostastyq assess eaeu-2014 --html build/eaeu-2014.html

test: setup
	$(BIN)/pytest -n 2

# The full counts that the issues name: hypothesis examples, Monte-Carlo draws, rebuilds.
prove: setup
	DOSTASTYQ_FULL=1 $(BIN)/pytest -n 2

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell src tests tools benchmarks docs README.md CHANGELOG.md CONTRIBUTING.md

docs: setup
	$(BIN)/mkdocs build --strict --quiet --site-dir build/site

bench: setup
	for file in benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

# Rebuild the shipped data from the research data ($$DOSTASTYQ_DATA, by default ../shared/data).
data: setup
	$(BIN)/python tools/build_baselines.py
	$(BIN)/python tools/build_estimates.py

# Exact versions with hashes, naming no package host.
LOCK := pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --no-emit-index-url --no-emit-find-links
lock:
	$(UV) $(LOCK) pyproject.toml --all-extras --group test --group dev --group oracle -o requirements.lock
	echo "uv==$$($(UV) --version | cut -d' ' -f2)" | $(UV) $(LOCK) - -o tools/bootstrap.lock

clean:
	rm -rf .venv .tools build dist
