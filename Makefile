# Everything a newcomer needs: `make demo` shows the main job, `make test` proves it. Only Python with venv and pip is needed.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready

.PHONY: demo test checklist lint check peers bench profile pictures lock clean

demo: $(READY)
	$(BIN)/callchain demo

test: $(READY)
	$(BIN)/pytest -n auto --dist worksteal

# What the source documents state, row by row, with the tests that prove it; ROWS=C042,C043 looks at single rows.
checklist: $(READY)
	$(BIN)/pytest --checklist --rows "$(ROWS)"

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

# The same contract with SOAP libraries written by others on the other side; needs Node.js and npm.
peers: $(READY)
	cd tests/peers && npm ci --silent
	$(BIN)/python -m pip install --quiet --disable-pip-version-check suds-community==1.2.0
	$(BIN)/pytest tests/peers

# Every benchmark small, a process each, in one table; fails when one of them does.
bench: $(READY)
	$(BIN)/python -m perf.bench_table

profile: $(READY)
	$(BIN)/python -m perf profile

# The pictures in docs/pictures, drawn from the tests' own district.
pictures: $(READY)
	$(BIN)/python -m tests.tui.pictures

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "callchain needs Python 3.11 or newer; say make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

# Resolves the newest allowed versions into the lock file, for every Python from 3.11 on; needs uv.
lock:
	uv pip compile pyproject.toml --extra dev --universal -p 3.11 --generate-hashes --no-header --no-emit-index-url --quiet -o requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info
