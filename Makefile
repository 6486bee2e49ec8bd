# The project's commands; `make help` lists them. Each command sets up what it needs on first use.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BROKERS ?= 1
SEED ?= 1
RUNS ?= 10
WORKERS ?= 2
BIN := .venv/bin
RUNTIME := .venv/.runtime-installed
DEV := .venv/.dev-installed
JARS := build/kafka/jars/.complete
APART := build/cloudevents/1/.complete build/cloudevents/2/.complete build/clients/python/.complete build/vocabulary/packages/.complete
CLUSTER := python3 deploy/kafka/cluster.py
# Each worker must collect the same tests, even if some of their names come from a set.
SEEDED := export PYTHONHASHSEED=$${PYTHONHASHSEED:-$$RANDOM}; echo "PYTHONHASHSEED=$$PYTHONHASHSEED"
FAST := $(BIN)/pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not alone" --fast

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: $(RUNTIME) ## start a registry with invented trials on 127.0.0.1:8080, with its own embedded PostgreSQL
	@exec $(BIN)/registry run --demo

.PHONY: first-minute
first-minute: ## print how long a fresh clone takes from one command to a page with trials
	@deploy/first_minute.py

.PHONY: screenshots
screenshots: $(DEV) chromium ## take the pictures in docs/screenshots with a real Chromium
	@$(BIN)/python -m deploy.screenshots

.PHONY: chromium
chromium: ## install a real browser and a Japanese font, if the user may
	@deploy/prerequisites chromium japanese-font

.PHONY: servers
servers: ## install a PostgreSQL with TLS, a proxy and systemd's checks, if the user may; starts none of them
	@deploy/prerequisites postgresql nginx systemd

.PHONY: test
test: check kafka-jars chromium servers ## run the checks and every test, including those on a real Kafka
	@$(MAKE) --no-print-directory suite

.PHONY: suite
suite: $(DEV) $(JARS) $(APART) ## run every test in WORKERS=2 processes; tests that measure time or memory run alone afterwards
	@failed=0; $(SEEDED); \
	$(BIN)/pytest -q --durations=15 -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not alone" || failed=1; \
	$(BIN)/pytest -q --durations=15 -m alone || failed=1; \
	exit $$failed

.PHONY: test-fast
test-fast: $(DEV) ## run the tests that need no server and no browser, within two minutes; `make test` runs all tests
	@$(SEEDED); $(FAST)

.PHONY: coverage
coverage: $(DEV) ## run the tests of test-fast and print the share of lines that they reach
	@$(SEEDED); $(FAST) \
		--cov=registry --cov=projections --cov=adapters --cov=events --cov-report=term:skip-covered

.PHONY: ten-times
ten-times: $(DEV) $(JARS) $(APART) ## run every test RUNS=10 times while both cores are busy, and print the result, time and failures of each run
	@$(BIN)/python -m tests.again --runs $(RUNS)

.PHONY: check
check: $(DEV) ## check lint, format, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: fix
fix: $(DEV) ## fix what ruff can fix, and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: drawing
drawing: $(DEV) ## print the subpackages of each package, their imports, cycles and imports upwards; for the trees in TREES too
	@$(BIN)/python -m tests.architecture.drawing . $(TREES)

.PHONY: bench
bench: $(DEV) $(JARS) ## measure the registry and its alternatives, part after part; see docs/performance.md
	$(BIN)/python -m tests.bench all

.PHONY: bench-exchange
bench-exchange: $(DEV) ## measure the exchange with other registries, on 20,000 studies
	$(BIN)/python -m tests.bench exchange

.PHONY: bench-start
bench-start: $(DEV) $(JARS) ## measure how soon a node is ready on a log of EVENTS=500000, with and without a snapshot; takes minutes
	$(BIN)/python -m tests.bench start $(if $(EVENTS),--events $(EVENTS))

.PHONY: search-quality
search-quality: $(DEV) ## ask the search the queries of a file and some that are drawn, and print how much it finds; minutes
	@$(BIN)/python -m tests.search_quality

.PHONY: attacks
attacks: $(DEV) ## attack a separate registry for SECONDS_EACH=60 with CONNECTIONS=200, and print its response times and memory
	$(BIN)/python -m tests.attacks $(if $(SECONDS_EACH),--seconds $(SECONDS_EACH)) $(if $(CONNECTIONS),--connections $(CONNECTIONS))

.PHONY: profile
profile: $(DEV) ## sample the write path and the rebuild into build/profile, and print where the time goes
	$(BIN)/python -m tests.bench profile

.PHONY: fuzz
fuzz: $(DEV) ## read 100,000 damaged documents with each reader of outside data; about ten minutes
	$(BIN)/python -m tests.fuzz

.PHONY: behind
behind: $(DEV) $(JARS) ## send 10,000 reports of a site to two nodes in turn, on PostgreSQL and Kafka, and print how many were refused
	$(BIN)/pytest -q -s -o timeout=3600 --reports 10000 tests/acceptance/test_behind.py

.PHONY: halts
halts: $(DEV) $(JARS) ## halt 300 open sites in three regions ten times under load, and print how long the last site was shown as open
	$(BIN)/pytest -q -s -o timeout=3600 --halted-sites 300 --halts 10 -k ten_seconds tests/acceptance/test_halts.py

.PHONY: feed-kills
feed-kills: $(DEV) $(JARS) ## kill servers and readers of the feed 50 times under load, on PostgreSQL and Kafka, and compare the changes received
	$(BIN)/pytest -q -s -o timeout=3600 --feed-kills 50 tests/acceptance/test_changes.py

.PHONY: policy-kills
policy-kills: $(DEV) $(JARS) ## kill processes that react to events 50 times, at every step, on PostgreSQL and Kafka, and compare the results
	$(BIN)/pytest -q -s -o timeout=3600 --policy-kills 50 tests/acceptance/test_policy_kills.py

.PHONY: schedules
schedules: $(DEV) ## run 100,000 random schedules of a programme's commands, crashes and late policies beside a plain model; half an hour
	$(BIN)/python -m tests.schedules $(SCHEDULES)

.PHONY: mutants
mutants: $(DEV) ## plant a sample of small faults in the pure core and print the share that nearby tests detect; an hour at most
	$(BIN)/python -m tests.mutants --seed $(SEED)

.PHONY: carry
carry: $(DEV) ## carry 100,000 generated registrations, reports and imports through every view, page and export, from each core
	$(BIN)/python -m tests.robustness

.PHONY: nasty
nasty: $(DEV) ## plant each of 2,000 nasty strings in each text of each event, and fold, search, draw and export all; takes minutes
	$(BIN)/pytest -q -o timeout=7200 --turns 2000 tests/acceptance/test_nasty_product.py

.PHONY: failovers
failovers: $(DEV) $(JARS) ## kill brokers one after the other in every order of two, and print how long appends stalled
	$(BIN)/pytest -q -s -o timeout=1800 --kills 1,1,2,1,3,2,2,3,3,1,f1,2,f2,f3,1 tests/events/test_failovers.py

.PHONY: elements
elements: $(DEV) ## regenerate docs/elements from the samples: how each element of each format is treated
	$(BIN)/python -m tests.support.elements

.PHONY: settings
settings: $(DEV) ## regenerate the table of settings in docs/operations/settings.md
	@$(BIN)/python -m tests.support.settings

.PHONY: vocabulary
vocabulary: build/vocabulary/packages/.complete ## write the source of each search term, from the packages that have it
	@$(BIN)/python -m deploy.vocabulary

.PHONY: forms
forms: $(DEV) ## freeze the schemas and examples of new events; frozen ones do not change
	@$(BIN)/python -m tests.support.forms

.PHONY: lock
lock: $(DEV) ## resolve both lock files again (UPGRADE=1 raises every version), on the lowest Python we support
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile -q $(if $(UPGRADE),--upgrade) \
		--build-deps-for=editable -o requirements.lock pyproject.toml
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile -q $(if $(UPGRADE),--upgrade) \
		--build-deps-for=editable --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml
	for apart in $(APART:build/%/.complete=tests/%); do CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile -q \
		$(if $(UPGRADE),--upgrade) -o $$apart.lock $$apart.in; done

.PHONY: apart
apart: $(APART) ## install in separate folders two versions of the CloudEvents library and the client generator, for tests

.PHONY: kafka-jars
kafka-jars: $(JARS) ## fetch the broker from Maven Central

.PHONY: kafka-up
kafka-up: $(JARS) ## start a Kafka of BROKERS=1 or 3 and print its address
	@$(CLUSTER) up --brokers $(BROKERS) --folder build/kafka/cluster$(BROKERS)

.PHONY: kafka-down
kafka-down: ## stop every Kafka that kafka-up started; its data stays under build/kafka
	@for folder in $(wildcard build/kafka/cluster*); do $(CLUSTER) down --folder $$folder; done

.PHONY: clean
clean: kafka-down ## remove everything that these commands made, except a registry's data
	rm -rf .venv build *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

$(RUNTIME): requirements.lock pyproject.toml
	@deploy/prerequisites python
	test -x $(BIN)/python || python3 -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

$(DEV): requirements-dev.lock $(RUNTIME)
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

$(JARS): deploy/kafka/pom.xml
	@deploy/prerequisites java maven
	rm -rf build/kafka/jars
	mvn -q -B -f deploy/kafka/pom.xml dependency:copy-dependencies
	@touch $@

build/%/.complete: tests/%.lock $(DEV)
	rm -rf $(@D)
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r $< --target $(@D)
	@touch $@
