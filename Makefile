# The front door. `make help` says what there is.
.DEFAULT_GOAL := help
.PHONY: help setup build demo test abi lint ebpf ebpf-check bench fuzz install matrix soak torture kernels kernels-unmended wild differences

CARGO := scripts/cargo
BIN   := $(or $(CARGO_TARGET_DIR),target)/release/goproctor
PREFIX ?= /usr/local

help: ## Say what there is
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

setup: ## Install what is missing to build and run (Rust; packages)
	@scripts/setup

build: setup ## Build goproctor
	@$(CARGO) build --release -p goproctor
	@scripts/grant $(BIN)

demo: build ## Watch a Go server work, and judge it
	@scripts/demo $(BIN)

test: build ## Run every test
	@scripts/test

abi: setup ## Hold the ABI report against callees in assembly (SIGNATURES=1000)
	@GOPROCTOR_ABI_SIGNATURES=$(or $(SIGNATURES),1000) $(CARGO) test --workspace --test abi_truth -- --nocapture the_report

lint: setup ## Format, clippy and docs, warnings denied
	@$(CARGO) fmt --all --check
	@$(CARGO) clippy --workspace --all-targets -- -D warnings
	@RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps

ebpf: setup ## Rebuild the kernel program's object (installs its tool chain)
	@runner-ebpf/build.sh

ebpf-check: setup ## Rebuild the object elsewhere and compare it with the committed one
	@runner-ebpf/build.sh --check

bench: build ## Measure FIGURES="latency memory", or all, with peers beside (installs bpftrace and dlv)
	@scripts/bench $(FIGURES)

fuzz: setup ## Run the fuzz targets (SECONDS=60 each; needs a C++ compiler)
	@scripts/fuzz $(or $(SECONDS),60)

soak: setup ## Watch a storm of requests, ROUNDS=20 times in a row, against its own account
	@scripts/soak $(or $(ROUNDS),20)

torture: setup ## Watch programs that are preempted, profiled and collected without end (SECONDS=60, RELEASES="1.27 1.16")
	@scripts/torture $(or $(SECONDS),60) "$(or $(RELEASES),1.27 1.16)"

matrix: setup ## Run the specs that hold on every Go release with all of them (RELEASES="1.16,1.21..stable"; fetches releases)
	@scripts/matrix $(RELEASES)

kernels: setup ## Run the core of the live tests on other kernels, in emulation (KERNELS="6.1 7.3:full", ROUNDS=20)
	@scripts/kernels $(KERNELS)

kernels-unmended: setup ## Prove that `make kernels` sees a kernel crash without the mend
	@UNMENDED=1 scripts/kernels $(or $(KERNELS),6.18:full)

wild: build ## Compare the arguments of other people's servers with what delve reads (SERVERS="etcd caddy"; installs dlv)
	@scripts/wild $(SERVERS)

differences: build ## Tell twenty changes of each of three programs where they begin, and nothing else
	@scripts/differences $(BIN)

install: build ## Put goproctor on the PATH, with completions and man pages (PREFIX=/usr/local)
	install -D -m 755 $(BIN) $(DESTDIR)$(PREFIX)/bin/goproctor
	@scripts/grant $(DESTDIR)$(PREFIX)/bin/goproctor
	@scripts/install-shell $(BIN) $(DESTDIR)$(PREFIX)/share
