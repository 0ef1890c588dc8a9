.DEFAULT_GOAL := help
.PHONY: help setup check format test demo chaos simulate bench clean

BIN := .venv/bin
READY := .venv/ready

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Install everything into .venv and local/node_modules; later calls need no network

$(READY): requirements.txt pyproject.toml local/package-lock.json local/node.py
	test -x $(BIN)/python || "$$(PYTHON='$(PYTHON)' local/find-python)" -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[cli,dev]'
	$(BIN)/python local/node.py
	touch $@

check: $(READY) ## Check format, lint, types and workflows
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/zizmor --offline --quiet --persona=pedantic .github/workflows

format: $(READY) ## Format the code
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

test: $(READY) ## Run the tests
	$(BIN)/python -m pytest

demo: $(READY) ## Run it all on this machine: drop pictures into drop/ (ONCE=1 ends by itself)
	$(BIN)/python -m local.demo $(if $(ONCE),--once)

chaos: $(READY) ## Let everything go wrong at once, for some minutes, and count what is lost: nothing may be
	$(BIN)/python -m chaos.run

simulate: $(READY) ## Tell how long it takes for a thousand people or a million, on a simulated clock, in two minutes
	$(BIN)/python -m simulation.run $(if $(JSON),--json $(JSON))

bench: $(READY) ## Measure what things cost, in CPU and memory
	$(BIN)/python -m bench.reconcile

clean: ## Remove what was installed and made
	rm -rf .venv build drop local/node_modules *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
