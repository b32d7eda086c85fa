# Two commands: `make run` (set up, run, serve) and `make test` (set up, test). Both may be repeated at no cost.

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8001
SERVE ?= 1
SOURCES ?= demo
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run test setup lint lock bench docs clean

# SOURCES: demo (a wholly fictional programme), public (the embedded public facts) or the path of a sources file.
run: setup
ifeq ($(SOURCES),demo)
	@$(BIN)/fabriques demo var/demo/livraisons
	@$(BIN)/fabriques run --sources var/demo/livraisons/sources.toml --home var/demo/prive
else ifeq ($(SOURCES),public)
	@$(BIN)/fabriques run
else
	@$(BIN)/fabriques run --sources "$(SOURCES)"
endif
ifneq ($(SERVE),0)
	@$(BIN)/fabriques serve --port $(PORT) $(if $(filter demo,$(SOURCES)),--published published/fictif)
endif

test: setup lint
	@$(BIN)/python -m pytest --controls $(TESTS)

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: setup
	@$(BIN)/python -m bench

# The stamp holds the digest of what the environment was made from, so that a changed lock or a moved clone makes it anew.
setup:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed: make PYTHON=/path/to/python3.11" if sys.version_info < (3, 11) else 0)'
	@digest="$$(cat requirements.lock pyproject.toml | cksum) $(CURDIR)"; \
	if [ "$$digest" != "$$(cat $(STAMP) 2>/dev/null)" ]; then \
		rm -f $(STAMP) && \
		$(PYTHON) -m venv $(VENV) && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . && \
		echo "$$digest" > $(STAMP); \
	fi

lock:
	@uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --no-strip-extras -o requirements.lock

clean:
	@rm -rf $(VENV) var build dist

docs: setup
	@$(BIN)/python -m cogapp -r README.md docs/regles-harmonisation.md
