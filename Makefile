# Everything starts at launcher/bootstrap.py, with whatever Python 3 the system has.
# It finds one that is new enough, sets .venv up where needed, and becomes the command.
PYTHON ?= $(shell command -v python3 || command -v python3.13 || command -v python3.12 || command -v python3.11 || echo missing)
GO = @test "$(PYTHON)" != missing || { echo "Afterword needs Python 3.11 or newer; there is no python3 on PATH." >&2; exit 1; }; exec $(PYTHON) launcher/bootstrap.py

.DEFAULT_GOAL := help
.PHONY: help run dev test lint sure bench eval setup

help:  ## show this list
	@sed -n 's/^\([a-z]*\):  ## /  make \1\t/p' Makefile | expand -t 16

run:  ## start Afterword; sets up what is missing, Ctrl-C stops it
	$(GO) run

dev:  ## the same, reloading on every change of the code
	$(GO) dev

test:  ## the whole test suite; ARGS="-k upload" picks some of it
	$(GO) test $(ARGS)

lint:  ## style, types and import contracts
	$(GO) lint

sure:  ## format, then everything: before you push
	$(GO) sure $(ARGS)

bench:  ## benchmarks, a table with ratios
	$(GO) bench $(ARGS)

eval:  ## quality evaluations, a table per set
	$(GO) eval $(ARGS)

setup:  ## only set up
	$(GO) setup
