.DEFAULT_GOAL := help
.PHONY: help setup check format test demo docs chaos fuzz simulate bench clean

BIN := .venv/bin
READY := .venv/ready
FUZZER := .venv/fuzzer

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Install everything into .venv and local/node_modules; later calls need no network

$(READY): requirements.txt requirements-faces.txt pyproject.toml local/package-lock.json local/node.py
	test -x $(BIN)/python || "$$(PYTHON='$(PYTHON)' local/find-python)" -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[cli,dev]' --requirement requirements-faces.txt
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

test: $(READY) ## Run the tests, in two processes
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

demo: $(READY) ## Run it all on this machine: drop pictures into drop/ (ONCE=1 ends by itself)
	$(BIN)/python -m local.demo $(if $(ONCE),--once)

docs: $(READY) ## Build the site of the documents into build/site; any warning fails it
	$(BIN)/python -m docs
	$(BIN)/python -m zensical build --clean --strict

chaos: $(READY) ## Let everything go wrong at once, for some minutes, and count what is lost: nothing may be
	$(BIN)/python -m chaos.run

fuzz: $(READY) $(FUZZER) ## Try damaged pictures for a minute, or SECONDS=3600: none may do more than be rejected
	$(BIN)/python -m fuzz.run $(if $(SECONDS),--seconds $(SECONDS))

# Where it has no wheel, the fuzzer does without.
$(FUZZER): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary atheris --editable '.[fuzz]' && touch $@ || true

simulate: $(READY) ## Tell how long it takes for a thousand people or a million, on a simulated clock, in two minutes
	$(BIN)/python -m simulation.run $(if $(JSON),--json $(JSON))

bench: $(READY) ## Measure what things cost, in CPU and memory, in seven minutes (PHOTOS=folder adds your own pictures)
	$(BIN)/python -m bench.reconcile
	$(BIN)/python -m bench.page
	$(BIN)/python -m bench.picture $(if $(PHOTOS),--photos '$(PHOTOS)')

clean: ## Remove what was installed and made
	rm -rf .venv build drop local/node_modules *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .cache
