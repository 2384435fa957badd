# `make` prints what there is. Everything runs in .venv, which the first target that needs it makes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PRODUCT := $(VENV)/.product
STAMP := $(VENV)/.installed
FAST := tests/conventions tests/prices tests/receiver tests/spool tests/attribution/test_rules.py tests/attribution/test_views.py \
	tests/emitters/test_found_by_capture.py tests/test_docs.py tests/test_glossary.py \
	tests/test_rooms.py tests/test_statements.py

# A machine may forbid it for all; then each of the thousand processes that tests start compiles what it imports, which takes it a second.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test test-fast check format bench bench-peers soak faults fuzz recovery docs lock audit manifests proto clean

help: ## print this
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# Files are compiled when they are imported first, and most of the 19,000 never are.
$(PRODUCT): pyproject.toml setup.py $(wildcard collector/core/zig/*.zig)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Spanledger needs Python 3.11 or newer")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --no-compile --editable .
	touch $@

$(STAMP): $(PRODUCT)
	$(BIN)/python -m pip install --quiet --no-compile --editable '.[dev]'
	touch $@

demo: $(PRODUCT) ## collector up, a multi-agent workload over OTLP, attribution, the reports
	$(BIN)/spanledger demo

test: check ## format, lint, types and all tests: what CI runs
	$(BIN)/python -m pytest

test-fast: $(STAMP) ## what needs no server and few stores, for the daily loop
	$(BIN)/python -m pytest $(FAST)

check: $(STAMP) ## format, lint and types only
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(STAMP) ## format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP) ## speed and memory, with ratios measured side by side
	$(BIN)/python -m bench.run
	$(BIN)/python -m bench.load
	$(BIN)/python -m bench.scale

bench-peers: $(STAMP) ## beside the OpenTelemetry Collector, built with Go, on an idle server: CLICKHOUSE=http://default:@127.0.0.1:8123/
	@command -v go >/dev/null || { echo "the Collector is built with Go, which is not here: not measured"; exit 0; }; \
	test -n "$(CLICKHOUSE)" || { echo "say on which server: make bench-peers CLICKHOUSE=http://default:@127.0.0.1:8123/"; exit 2; }; \
	test -x .peers/otelcol || go run go.opentelemetry.io/collector/cmd/builder@v0.165.0 --config bench/collector.yaml || exit 1; \
	$(BIN)/python -m bench.peers .peers/otelcol "$(CLICKHOUSE)"

soak: $(STAMP) ## new worlds against the oracle until MINUTES (10) are over; SEED=n replays
	$(BIN)/python -m bench.soak --minutes $(or $(MINUTES),10) $(if $(SEED),--seed $(SEED))

faults: $(STAMP) ## kills, cuts, full disks, flipped bits ... until MINUTES (10) are over; KIND=k SEED=n replays
	$(BIN)/python -m bench.faults --minutes $(or $(MINUTES),10) $(if $(KIND),--kind $(KIND)) $(if $(SEED),--seed $(SEED))

fuzz: $(STAMP) ## mutants of the corpora against receiver, SQL guard and configuration until MINUTES (10) are over
	$(BIN)/python -m bench.fuzz --minutes $(or $(MINUTES),10)

recovery: $(STAMP) ## how much of the true money and of the true payers the rules find, by kind of trouble
	$(BIN)/python -m bench.recovery

docs: $(STAMP) ## render the pages that come from tables
	$(BIN)/python -m attribution.conventions.page docs/emitters.md
	$(BIN)/python -m attribution.views.page docs/views.md
	$(BIN)/python -m deploy.grafana.generate
	$(BIN)/python -m deploy.helm.schema
	$(BIN)/python -m bench.recovery --write docs/attribution.md

lock: $(STAMP) ## pin what the image is made of, by hash, as it is today
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra mcp --extra oidc --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --upgrade --quiet --output-file deploy/docker/requirements.lock

audit: $(STAMP) ## look for known weaknesses of what is pinned; needs the network
	$(BIN)/python -m pip install --quiet pip-audit
	$(BIN)/pip-audit --disable-pip --require-hashes --requirement deploy/docker/requirements.lock

manifests: $(STAMP) ## render the Helm chart and the overlays of kustomize, for their tests; needs kubectl
	$(BIN)/python -m pip install --quiet helm-python-sdk
	$(BIN)/python -m deploy.helm.render

proto: $(STAMP) ## compile the .proto files again
	$(BIN)/python -m pip install --quiet grpcio-tools
	$(BIN)/python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. collector/processor/reading.proto

clean: ## remove what the targets made
	rm -rf $(VENV) build ./*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis spanledger-demo
