# Needs Go, Node with npm, and make; `make race` also a C compiler. Everything else is
# a module of Go or a package of npm.

TOOL     := go tool -modfile=tools/go.mod
FUZZTIME ?= 20s

# The packages in which goroutines meet: only they are worth the race detector.
SHARED = $(shell go list -f '{{$$p := .ImportPath}}{{range .Imports}}{{if or (eq . "sync") (eq . "sync/atomic") (eq . "yian/internal/ordered")}}{{$$p}} {{end}}{{end}}' ./... | tr ' ' '\n' | sort -u)

# The front end is built anew when one of its sources or a template has changed.
FRONT     = web/dist/manifest.json
MODULES   = web/node_modules/.package-lock.json
TEMPLATES = $(shell find internal -name '*.html' -not -path '*/testdata/*')

.DEFAULT_GOAL := help
.PHONY: help run test check bench bench-web lint build front arch race packs golden fuzz e2e clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## serve a demonstration with invented people on 127.0.0.1:8080
	bin/yian demo

test: $(FRONT) ## run all tests, those of the kernels with and without AVX2
	go test ./...
	GODEBUG=cpu.avx2=off go test ./internal/engine ./internal/population

check: export YIAN_REQUIRE_POSTGRES = 1
check: export YIAN_REQUIRE_CHROMIUM = 1
check: arch test race packs lint ## everything that CI runs; insists on PostgreSQL and Chromium

e2e: $(FRONT) ## run only the tests that drive a browser
	go test -count=1 ./test/e2e

bench-web: build ## load a server with a million people, on both databases
	cd bench/web && go run . -binary ../../bin/yian

bench: ## compare speed with cel-go, expr, plain Go and databases
	cd bench && go run .

lint: $(FRONT) ## run the linters and look for code that nothing reaches
	cd web && npm run --silent check
	go vet ./...
	$(TOOL) golangci-lint run
	$(TOOL) staticcheck ./...
	@dead=$$($(TOOL) deadcode -test ./...) || exit 1; \
	if [ -n "$$dead" ]; then printf 'nothing reaches this code, remove it:\n%s\n' "$$dead"; exit 1; fi

front: $(FRONT) ## build the front end

$(MODULES): web/package.json web/package-lock.json web/.npmrc
	@command -v npm >/dev/null || { echo '缺少 npm：请安装 Node.js（20 或更新）'; exit 1; }
	cd web && npm ci --no-progress
	@touch $@

$(FRONT): $(MODULES) $(wildcard web/src/*) web/build.js web/icons.json $(TEMPLATES)
	cd web && npm run --silent build
	@touch $@

build: $(FRONT) ## build bin/yian
	CGO_ENABLED=0 go build -trimpath -o bin/yian ./cmd/yian

arch: ## check import directions, sizes, comments, glossary and decisions
	go test -count=1 ./test/arch

race: ## run the tests of concurrent packages under the race detector
	@if ! command -v "$$(go env CC)" >/dev/null; then \
		echo 'race: skipped, there is no C compiler'; \
	elif [ -n "$(SHARED)" ]; then \
		echo go test -race -short $(SHARED); go test -race -short $(SHARED); \
	fi

packs: build ## check the embedded policy packs and run their tests
	bin/yian check

golden: ## rewrite the golden files of tests
	@grep -rl --include='*_test.go' 'flag.Bool("update"' cmd internal test | xargs -r -n1 dirname | sort -u | \
	while read -r dir; do go test "./$$dir" -update || exit 1; done

fuzz: ## run each fuzz target for FUZZTIME (20s)
	@grep -rlE --include='*_test.go' '^func Fuzz' internal | xargs -r -n1 dirname | sort -u | \
	while read -r dir; do \
		for f in $$(cat "$$dir"/*_test.go | sed -nE 's/^func (Fuzz[A-Za-z0-9_]*).*/\1/p'); do \
			echo "$$dir $$f"; \
			go test "./$$dir" -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) || exit 1; \
		done; \
	done

clean: ## remove what was built
	rm -rf bin web/node_modules
	find web/dist -type f ! -name .keep -delete
