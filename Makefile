# One command from a fresh clone: `make demo` or `make test`. Whatever is missing is installed first.
# SHELL other than /bin/sh also makes old GNU makes look commands up on the PATH exported below.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Node runs the .ts sources as they are, so it must be 22.18 or newer. Where the machine's own node is
# older, one from the npm registry (infra/toolchain) goes first on PATH, for these targets only.
NODE_OK := $(shell node -p 'const [a, b] = process.versions.node.split(".").map(Number); +(a >= 24 || (a === 22 && b >= 18))' 2>/dev/null)
ifneq ($(NODE_OK),1)
TOOLCHAIN := infra/toolchain/node_modules/.package-lock.json
export PATH := $(CURDIR)/infra/toolchain/node_modules/.bin:$(PATH)
endif

INSTALLED := node_modules/.package-lock.json
BIN := node_modules/.bin
CORES := $(shell getconf _NPROCESSORS_ONLN)
TESTS ?= '*/test/**/*.test.ts' 'infra/*/test/**/*.test.ts'
# The same TESTS=… chooses among the tests on real servers where that is the target.
REAL_TESTS = $(if $(filter file,$(origin TESTS)),'*/test-real/**/*.real.ts' 'infra/*/test-real/**/*.real.ts',$(TESTS))
# A connection that a failed test left open would keep its file, and so the whole run, waiting for ever. One file
# at a time: the servers need the other cores, and time limits are part of what is tested.
REAL_TEST_FLAGS := --test-timeout=300000 --test-force-exit --test-concurrency=1
SERVERS := node infra/servers/src/main.ts
# node --test passes where a pattern matches no file; a misspelt one should not.
matches = node -e 'process.exit(fs.globSync(process.argv.slice(1)).length ? 0 : 1)' $(1) || { echo "no test file matches" $(1) >&2; exit 1; }
DATA ?= data
STACK ?= embedded
REPORTER ?= $(if $(CI),tap,spec)
# TANDEM_KERNELS=js: what a test makes without a configuration does without kernels too.
# What a test file or a process of it compiled, the next one does not compile again.
CACHED := NODE_COMPILE_CACHE="$(CURDIR)/node_modules/.cache/compile"
TEST_FLAGS := $(if $(filter js,$(TANDEM_KERNELS)),--import ./infra/kernels/plain.ts) --test-concurrency=$(CORES) --test-reporter=$(REPORTER) --test-reporter-destination=stdout

.PHONY: help setup rdkafka kernels demo test unit test-real servers up down ps logs bench bench-check bench-real drill check-data coverage check lint fix ci lock pack clean node-version

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' $(firstword $(MAKEFILE_LIST))

infra/toolchain/node_modules/.package-lock.json: infra/toolchain/package-lock.json
	npm ci --prefix infra/toolchain --ignore-scripts --no-audit --no-fund --loglevel=error
	@infra/toolchain/node_modules/.bin/node -v || { echo "infra/toolchain has no node for this machine: install Node.js 24, then try again" >&2; exit 1; }
	@touch $@

$(INSTALLED): package-lock.json $(TOOLCHAIN)
	npm ci --loglevel=error
	@touch $@

setup: $(INSTALLED) ## install what is missing

# An addon must be compiled with the headers of the node that loads it; the prefix of node has them.
rdkafka: $(TOOLCHAIN) ## compile the optional Kafka client node-rdkafka (C++ compiler, some minutes)
	prefix=$$(node -p 'path.resolve(process.execPath, "../..")'); \
	if [ -f "$$prefix/include/node/node.h" ]; then export npm_config_nodedir="$$prefix"; fi; \
	npm ci --prefix infra/rdkafka --ignore-scripts=false --no-audit --no-fund --loglevel=error
	@cd infra/rdkafka && node -e 'console.log(`node-rdkafka with librdkafka $${require("node-rdkafka").librdkafkaVersion}`)'

# Needed by whoever changes shared-logic/assembly: what it compiles to is committed.
kernels: $(TOOLCHAIN) ## compile the kernels of shared-logic/assembly; CHECK=1: only say whether that was done
	npm ci --prefix infra/kernels --ignore-scripts --no-audit --no-fund --loglevel=error
	node infra/kernels/compile.ts $(if $(CHECK),--check)

demo: setup ## run the demonstration
	$(CACHED) node infra/tandem/src/demo/main.ts

test: lint check unit ## install, lint, type check and all tests, or a part: TESTS='serving/test/*.test.ts'

unit: setup ## the tests alone
	@$(call matches,$(TESTS))
	$(CACHED) node --test $(TEST_FLAGS) $(TESTS)

test-real: setup ## the tests on real Kafka, Cassandra, Redis and S3, started for them: TESTS='infra/adapters/test-real/s3/*.real.ts'
	@$(call matches,$(REAL_TESTS))
	$(CACHED) $(SERVERS) run -- node --test $(TEST_FLAGS) $(REAL_TEST_FLAGS) $(REAL_TESTS)

servers: $(TOOLCHAIN) ## start Kafka, Cassandra, Redis and S3 alone; TANDEM_SERVERS_KAFKA_BROKERS=3 and more: docs/operations.md
	$(SERVERS) up

# The layers' processes: they start after the servers, and in `down` stop before them. Their settings are
# printed by the servers; what is in the environment already goes before them (docs/configuration.md).
TANDEM := $(CACHED) node infra/tandem/src/main.ts
REAL = own="$$(export -p | grep ' TANDEM_' || true)"; settings="$$($(SERVERS) env --tandem)"; eval "$$settings"; eval "$$own";

# Where the servers are: as the environment says, else as `make up` or `make servers` left them.
THEIR_SERVERS = if [ -z "$${KAFKA_BOOTSTRAP:-}" ]; then where="$$($(SERVERS) env)"; eval "$$where"; fi;

up: setup servers ## start what Tandem runs on real servers, fetching the servers first where they are missing
	@$(REAL) $(TANDEM) setup && $(TANDEM) processes start
	@$(SERVERS) status

down: setup ## stop what `make up` started; data stays
	@TANDEM_STACK=real $(TANDEM) processes stop
	$(SERVERS) down

ps: setup ## what runs, on which port, and whether it answers
	@$(SERVERS) status || [ $$? = 3 ]
	@TANDEM_STACK=real $(TANDEM) processes list || [ $$? = 3 ]

logs: setup ## the last lines of each log; FOLLOW=1 goes on with what comes
	@TANDEM_STACK=real $(TANDEM) processes logs
	@$(SERVERS) logs $(if $(FOLLOW),--follow)

bench: setup ## measure: ONLY=S4,B1 some goals, ROW=speed some rows (bench/README.md); figures go to bench/results.json
	node infra/tandem/bench/main.ts

bench-check: setup ## measure, and fail where a ratio is worse than in bench/results.json beyond noise; ONLY=, ROW=
	node infra/tandem/bench/main.ts --check

bench-real: setup ## measure on real Kafka, Cassandra, Redis and S3, started for it: ROW=kafka (docs/benchmarks-real.md)
	node infra/tandem/bench-real/main.ts

drill: setup ## long fault drills
	$(CACHED) node infra/tandem/drill/main.ts

check-data: setup ## run over a folder of real data: DATA=DIR; STACK=real: on what `make up` started too (OWN=1: on servers of its own)
	@$(if $(and $(OWN),$(filter real,$(STACK))),$(CACHED) $(SERVERS) run --,$(if $(filter real,$(STACK)),$(THEIR_SERVERS)) $(CACHED)) \
	node infra/tandem/check-data/main.ts --stack $(STACK) "$(DATA)"

coverage: setup ## tests with coverage, also as coverage/lcov.info
	mkdir -p coverage
	node --test --experimental-test-coverage --test-coverage-include='*/src/**' --test-coverage-include='infra/*/src/**' $(TEST_FLAGS) \
	  --test-reporter=lcov --test-reporter-destination=coverage/lcov.info $(TESTS)

check: setup ## type check; shared-logic again without Node's types, the dashboard with those of a browser
	$(BIN)/tsc -p tsconfig.json
	$(BIN)/tsc -p shared-logic/tsconfig.build.json --noEmit
	$(BIN)/tsc -p serving/web/tsconfig.json

lint: setup ## lint, format and import rules
	$(BIN)/biome ci --colors=off .

fix: setup ## let Biome repair what it can
	$(BIN)/biome check --write --colors=off .

ci: ## what continuous integration runs
	.ci/run

lock: $(TOOLCHAIN) ## rewrite package-lock.json, then prove that `npm ci` accepts it
	npm install --package-lock-only --loglevel=error
	npm ci --dry-run --loglevel=error

pack: setup ## a tarball of shared-logic for users outside, in dist/
	node infra/pack.ts shared-logic
	mkdir -p dist
	npm pack ./shared-logic/dist --pack-destination dist --loglevel=error

node-version: $(TOOLCHAIN) ## the node that these targets use
	@node -p '`$${process.version} $${process.execPath}`'

clean: ## remove what was installed and built
	rm -rf node_modules */node_modules infra/*/node_modules */dist infra/*/dist dist coverage
