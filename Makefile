# Needs Go and make; `make race` also a C compiler. Everything else is a Go module.

TOOL     := go tool -modfile=tools/go.mod
FUZZTIME ?= 20s

# The packages in which goroutines meet: only they are worth the race detector.
SHARED = $(shell go list -f '{{$$p := .ImportPath}}{{range .Imports}}{{if or (eq . "sync") (eq . "sync/atomic") (eq . "yian/internal/ordered")}}{{$$p}} {{end}}{{end}}' ./... | tr ' ' '\n' | sort -u)

.DEFAULT_GOAL := help
.PHONY: help run test check bench lint build arch race packs golden fuzz clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## make a synthetic Linfen population, evaluate it and print a summary
	bin/yian demo

test: ## run all tests, those of the kernels with and without AVX2
	go test ./...
	GODEBUG=cpu.avx2=off go test ./internal/engine ./internal/population

check: arch test race packs lint ## everything that CI runs

bench: ## compare speed with cel-go, expr, plain Go and databases
	cd bench && go run .

lint: ## run the linters and look for code that nothing reaches
	go vet ./...
	$(TOOL) golangci-lint run
	$(TOOL) staticcheck ./...
	@dead=$$($(TOOL) deadcode -test ./...) || exit 1; \
	if [ -n "$$dead" ]; then printf 'nothing reaches this code, remove it:\n%s\n' "$$dead"; exit 1; fi

build: ## build bin/yian
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
	rm -rf bin
