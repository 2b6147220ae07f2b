# Two commands matter: `make demo` runs the platform with a demo city, `make test` proves it. What they do is in .ci/setup,
# which needs git, make and Python 3.11 or newer, and installs the rest (README.md, docs/install.md).

PYTHON ?= python3
SETUP := $(PYTHON) .ci/setup

.PHONY: help demo test soak check bench types lock clean

help:
	@echo 'make demo    set up and run the platform with the demo city on http://127.0.0.1:8000'
	@echo 'make test    set up and run every test'
	@echo 'make soak    the long tests that `make test` runs a share of'
	@echo 'make check   ruff, mypy, import-linter, eslint, tsc'
	@echo 'make bench   measure; writes build/bench.json'
	@echo 'make types   write the types of the API for the pages anew (web/src/api/openapi.ts)'
	@echo 'make lock    write the requirements files anew from pyproject.toml'
	@echo 'make clean   remove .venv, web/node_modules, web/dist and build; data stays'

demo test soak check bench types lock clean:
	@$(SETUP) $@
