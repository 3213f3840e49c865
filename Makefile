# Everything a newcomer needs. Each target sets up what it uses; nothing but Python 3.11+ is assumed.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo up test check bench clean
demo: .venv/run   ## the real system on recorded feeds, two minutes
	$(BIN)/riftwatch demo

up: .venv/run     ## the real system on the live feeds
	$(BIN)/riftwatch up

test: .venv/dev check ## every test that can run here; says what it skips
	$(BIN)/pytest

check: .venv/dev  ## style, types, floors
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

bench: .venv/run  ## speed, as ratios measured in one run
	for name in judge analyse_chain parsing polling desk_pages kafka_clients sink_elasticsearch item_to_search; do $(BIN)/python -m bench.$$name || exit 1; done

.venv/run: requirements.txt pyproject.toml
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Riftwatch needs Python 3.11 or newer. Try: make PYTHON=python3.12')"
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --require-hashes -r requirements.txt && $(BIN)/pip install -q --no-deps --no-build-isolation -e .
	touch $@

.venv/dev: .venv/run requirements-dev.txt
	$(BIN)/pip install -q --require-hashes -r requirements-dev.txt && touch $@

clean:            ## remove what was built; data/ stays
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
