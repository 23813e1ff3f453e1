# The only vocabulary: people, hooks and continuous integration use the same verbs.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help setup spark demo notebooks mlflow wheelhouse test acceptance fuzz lint format bench clean

help: ## Show the verbs
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: .venv/installed ## Install everything into .venv, from the lock file

# pip compiles one file after the other; all processors do it in a fraction of the time, and the
# libraries' own tests need it not at all. Like pip, it passes over what is no Python (templates).
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
COMPILE := -@$(BIN)/python -m compileall -qq -j 0 -x '/site-packages/.*/tests/' .venv/lib

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-deps --no-build-isolation -e .
	$(COMPILE)
	touch $@

spark: .venv/spark ## Install the engine for clusters, too (400 MB; it needs Java 17)

.venv/spark: .venv/installed requirements-spark.lock
	$(INSTALL) --no-deps --require-hashes -r requirements-spark.lock
	$(COMPILE)/python*/site-packages/pyspark
	touch $@

demo: setup ## Run the nightly job on the committed sample, to a list and its workbook
	$(BIN)/churn nightly --settings pipelines/settings/sample.yaml

notebooks: setup ## Run the notebooks from a clean state and rewrite them in place
	$(BIN)/python notebooks/execute.py

# The deployment whose trainings are shown, and where; a port of 0 takes a free one.
SETTINGS ?= pipelines/settings/sample.yaml
PORT ?= 5000

mlflow: setup ## Open MLflow on the demo's trainings (SETTINGS=… another deployment's, PORT=…)
	$(BIN)/python -m pipelines.ui --settings $(SETTINGS) --port $(PORT)

WHEELHOUSE := dist/wheelhouse

wheelhouse: setup ## Put everything into dist/wheelhouse, to install on a machine without an index
	rm -rf $(WHEELHOUSE)
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock -w $(WHEELHOUSE)
	$(BIN)/python -m hatchling build -t wheel -d $(WHEELHOUSE)
	cp requirements.lock $(WHEELHOUSE)

# Where Java is, the tests run on Spark as well.
ENGINES := $(if $(shell command -v java),spark)

test: setup $(ENGINES) ## Run the tests
	$(BIN)/python -m pytest -m "not acceptance" --numprocesses auto --dist loadfile --no-loadscope-reorder

acceptance: setup $(ENGINES) ## Run the long tests: kills, bigger worlds, notebooks from a clean state, all that Spark runs
	$(BIN)/python -m pytest -m acceptance -x

fuzz: setup ## Try thousands of damaged files and strange cells on readers, recognition and mapping
	CHURN_FUZZ=2000 $(BIN)/python -m pytest tests/ingest/test_fuzzing.py -x

lint: setup ## Check style, types and layering
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## Put the code into its one format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: setup ## Measure: models against the truth on three generated operators, a large panel
	$(BIN)/python benchmarks/truth.py
	$(BIN)/python benchmarks/panel.py

clean: ## Remove what the verbs made
	rm -rf .venv demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
