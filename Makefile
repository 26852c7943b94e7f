# make          this help
# Beforehand on the machine: Go 1.26, a C compiler, Node 20 with npm. Everything else is installed by the targets.

GO      ?= go
TAGS    := duckdb_arrow
SHELL   := bash
BIN     := bin/jumeau
WEB     := query/web
# Readers that are not ours judge tiles and archives.
READERS := query/export/node query/tile/testdata/js
GOFILES := $(shell find . -name '*.go' -not -path './$(WEB)/node_modules/*' 2>/dev/null)
WEBSRC  := $(shell find $(WEB) -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -name '*.go' 2>/dev/null)
ADDR    ?= 127.0.0.1:8080
export CGO_ENABLED = 1

.PHONY: help demo test test-privacy test-go test-web test-browser bench build web setup-browser lint schema clean
.DEFAULT_GOAL := help

help: ## this help
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: build ## generate, run and serve the demonstration territory at ADDR (127.0.0.1:8080)
	$(BIN) demo --addr $(ADDR)

test: build test-go test-web test-browser ## set up and run every test

build: $(BIN) ## the binary, with the page inside

$(BIN): $(GOFILES) go.mod $(WEB)/dist/index.html $(shell find data model ingest -name '*.yaml' -o -name '*.sql' -o -name '*.json' 2>/dev/null)
	$(GO) build -trimpath -ldflags='-s -w' -tags $(TAGS) -o $@ ./cmd/jumeau

web: $(WEB)/dist/index.html ## build the page

$(WEB)/node_modules/.package-lock.json: $(WEB)/package-lock.json
	cd $(WEB) && npm ci --no-audit --no-fund
	@touch $@

$(WEB)/dist/index.html: $(WEB)/node_modules/.package-lock.json $(WEBSRC)
	cd $(WEB) && npm run build

JUDGES := $(READERS:%=%/node_modules/.package-lock.json)

$(JUDGES): %/node_modules/.package-lock.json: %/package-lock.json
	cd $* && npm ci --no-audit --no-fund
	@touch $@

test-go: $(JUDGES) ## Go: vet and tests; the reference decoders judge our tiles
	$(GO) vet -tags $(TAGS) ./...
	$(GO) test -tags $(TAGS) -timeout 30m ./...

test-privacy: ## the statistical tests of the gate, the attacks and the answers over HTTP, at full size (a quarter of an hour on 2 cores)
	JUMEAU_PRIVACY=full $(GO) test -tags $(TAGS) -p 1 -timeout 2h ./ingest/gate/... ./internal/attack/... ./model/verify/... ./internal/house/... ./batch ./cmd/jumeau

test-web: $(WEB)/node_modules/.package-lock.json ## the page: types and unit tests
	cd $(WEB) && npm test

test-browser: build setup-browser ## the page in headless Chromium: on an invented server, then on the demonstration territory, served and as a folder
	cd $(WEB) && npm run test:browser
	rm -rf out/browser && $(BIN) demo --build --dir out/browser >/dev/null 2>&1
	$(BIN) export --format static --quiet -o out/browser/folder --releases out/browser/releases
	$(GO) run -tags $(TAGS) ./internal/numbers out/browser/releases > out/browser/numbers.json
	$(BIN) serve --releases out/browser/releases --addr 127.0.0.1:8079 >/dev/null 2>&1 & server=$$!; \
	  trap "kill $$server" EXIT; \
	  for i in $$(seq 50); do (exec 3<>/dev/tcp/127.0.0.1/8079) 2>/dev/null && break; sleep 0.2; done; \
	  cd $(WEB) && JUMEAU_BIN=$(CURDIR)/$(BIN) JUMEAU_RELEASES=$(CURDIR)/out/browser/releases JUMEAU_NUMBERS=$(CURDIR)/out/browser/numbers.json JUMEAU_FOLDER=$(CURDIR)/out/browser/folder JUMEAU_URL=http://127.0.0.1:8079 npm run test:browser

setup-browser:
	@command -v chromium >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	  else echo "The browser tests need Debian's package chromium: apt-get install chromium"; exit 1; fi; }

bench: build ## benchmarks, beside ogr2ogr where it is installed
	$(GO) test -tags $(TAGS) -run '^$$' -bench . -benchtime 1x ./...
	@if command -v chromium >/dev/null; then rm -rf out/bench && $(BIN) demo --build --dir out/bench >/dev/null 2>&1 && \
	  { $(BIN) serve --releases out/bench/releases --addr 127.0.0.1:8078 >/dev/null 2>&1 & server=$$!; trap "kill $$server" EXIT; sleep 2; \
	  cd $(WEB) && node bench/first.mjs http://127.0.0.1:8078/; }; else echo "The first view is measured where chromium is installed."; fi

lint: ## golangci-lint, with the reasons in .golangci.yml
	$(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run ./...

schema: ## JSON schemas and the reference page, from the types
	$(GO) generate ./model/declare/...

clean: ## remove what was built
	rm -rf bin $(WEB)/dist/assets $(WEB)/dist/index.html $(WEB)/node_modules $(READERS:%=%/node_modules)
