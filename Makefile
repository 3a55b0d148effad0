# Everything a new machine needs: Python 3.11, make, pip and, for the servers that the tests talk to, apt.
# Stamps live inside the virtual environment, so deleting .venv starts afresh.

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.stamp-runtime
DEV := $(VENV)/.stamp-dev
# Extra words for pytest or the bench: make test ARGS="tests/mail -k bounce"
ARGS :=
# More processes than a small machine has cores: the tests wait on servers more than they compute.
JOBS := 4

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo test servers lint format bench soak lock i18n clean
MAKEFLAGS += --no-print-directory

help: ## list what make can do
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 18

setup: $(DEV) ## the virtual environment with everything locked, for working on Retorno

demo: $(RUNTIME) ## set up and open the program on a shop's sample answers
	@$(BIN)/retorno demo $(ARGS)

test: $(DEV) servers ## set up and run all tests (asks apt for the servers they talk to)
	@$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

servers: ## install Dovecot, an SMTP server, PostgreSQL and tmux where missing
	@sh scripts/servers.sh

lint: $(DEV) ## style, format and who may import whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports

format: $(DEV) ## rewrite what lint would complain of, where that is safe
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(DEV) ## measure first paint, keys, import, poll and send
	@$(BIN)/python -m bench $(ARGS)

soak: $(DEV) servers ## the long tests: kills and load
	@$(BIN)/python -m pytest -m soak $(ARGS)

lock: $(DEV) ## make the lock files again from pyproject.toml
	@ARGS="$(ARGS)" sh scripts/lock.sh

i18n: $(DEV) ## bring the catalogues in line with the code and compile them
	@$(BIN)/python scripts/i18n.py

clean: ## forget the virtual environment and what tools left behind
	@rm -rf $(VENV) .pytest_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info

$(RUNTIME): requirements.lock pyproject.toml scripts/setup.sh
	@sh scripts/setup.sh $(VENV) requirements.lock
	@touch $@

# The development lock holds all of the runtime's, in the same versions.
$(DEV): requirements.lock requirements-dev.lock pyproject.toml scripts/setup.sh
	@sh scripts/setup.sh $(VENV) requirements-dev.lock
	@touch $(RUNTIME) $@
