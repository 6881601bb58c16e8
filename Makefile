# What one types: `make run` and `make test`. Everything else is below, and `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run build test build-tests kill-check test-mpich examples gallery bench docs format lint clean packages-run packages-test packages-bench

# The one flag that C and Swift must share: it decides the width of the vectors. Not in Package.swift, since a package
# with such flags cannot be depended upon.
ARCH  ?= native
FLAGS ?= -c release -Xcc -march=$(ARCH)
RANKS ?= 2
KILLS ?= 10
CASE  ?= hot-plate
SWIFT_FILES = Package.swift Sources Tests Examples Benchmarks
BENCHMARKS  = plain float blocked plane variable float-blocked small generic generic-deep package mpi halo checkpoint checkpoint-minute split4 weno5 shallow-water

help:  ## this list
	@awk -F':.*## ' '/^[a-z%-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: packages-run  ## install what is missing, build, run the hot plate (CASE=...) on 2 ranks (RANKS=...)
	@swift build $(FLAGS)
	@scripts/run-case.sh $(CASE) $(RANKS) "$$(swift build $(FLAGS) --show-bin-path)"

build: packages-run  ## the library and the commands
	@swift build $(FLAGS)

# Without testable imports the tests run against the very build that users get, and nothing is compiled twice: the packages
# of Examples use the same folders of built files.
test: build-tests examples test-mpich  ## install what is missing, build, run all tests
	@swift build $(FLAGS) --build-tests
	@scripts/kill-check.sh 10 "$$(swift build $(FLAGS) --show-bin-path)/heatsim"
	@swift test $(FLAGS) --skip-build --disable-testable-imports --disable-xctest

build-tests: packages-test
	@swift build $(FLAGS) --build-tests
	@HALO_MPI=mpich HALO_TESTS=MPITests swift build $(FLAGS) --scratch-path .build-mpich --build-tests

kill-check: build  ## runs killed at random moments, KILLS=10 of them, that must end as undisturbed ones do
	@scripts/kill-check.sh $(KILLS) "$$(swift build $(FLAGS) --show-bin-path)/heatsim"

# With a folder of its own, so that neither implementation's build undoes the other's. One test after another, since
# MPICH's processes never leave a core to others while they wait.
test-mpich: build-tests  ## the tests of the MPI module on MPICH, which are part of `make test`
	@HALO_MPI=mpich HALO_TESTS=MPITests swift build $(FLAGS) --scratch-path .build-mpich --build-tests
	@HALO_MPI=mpich HALO_TESTS=MPITests swift test $(FLAGS) --scratch-path .build-mpich --skip-build --disable-testable-imports \
	  --disable-xctest --no-parallel --filter MPITests

examples: build-tests  ## build the packages of Examples as their readers do and run them on several layouts
	@scripts/mpi-examples.sh $(FLAGS)
	@HALO_MPI=mpich scripts/mpi-examples.sh $(FLAGS)
	@scripts/examples.sh $(FLAGS)

gallery: packages-run  ## run all cases of Simulations and Examples and renew their pictures
	@swift build $(FLAGS)
	@scripts/gallery.sh "$$(swift build $(FLAGS) --show-bin-path)"

bench: $(BENCHMARKS:%=bench-%)  ## all benchmarks against their C references

bench-%: packages-bench  ## one benchmark: Benchmarks/README.md lists them
	@swift build $(FLAGS)
	@Benchmarks/run $* "$$(swift build $(FLAGS) --show-bin-path)"

packages-run:
	@scripts/packages.sh run
packages-test:
	@scripts/packages.sh run test
packages-bench:
	@scripts/packages.sh run bench

docs: packages-run  ## the documentation of the MPI module and of the library for solvers, into .build/docs
	@swift build $(FLAGS) --product heatsim
	@scripts/docs.sh "$$(swift build $(FLAGS) --show-bin-path)"

format:  ## rewrite the Swift files in the house's style
	@swift format --in-place --parallel --recursive $(SWIFT_FILES)

lint:  ## style and the rules of the house
	@swift format lint --strict --parallel --recursive $(SWIFT_FILES)
	@scripts/check-rules.sh

clean:  ## remove everything that was built or written
	@rm -rf .build .build-* Examples/*/.build Examples/*/.build-* out
