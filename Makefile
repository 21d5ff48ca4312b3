# What can be done with Spendlight's source. Where something is missing to do it, it is installed or named.

.DEFAULT_GOAL := help
.PHONY: help run install test check bench figures pictures clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## build Spendlight and start it; ARGS="--port 8080" passes arguments on
	@tools/run $(ARGS)

install: ## put spendlight and spendlight-tray on your PATH, in ~/.cargo/bin
	@tools/need desktop
	cargo install --locked --path .

test: ## run every test, in a browser and on a desktop of its own too
	@tools/test

check: ## the quick part of the tests, for every change
	@tools/test format lint rust

bench: ## measure against what the machine can do at the most, about two minutes; CASES=record only those
	@tools/need build
	cargo bench --locked --no-default-features --bench doors -- $(CASES)

figures: ## measure the pages on a ledger of a million calls, some two minutes; CALLS=100000 for fewer
	@tools/need pictures
	cargo build --release --locked --no-default-features --bin spendlight
	@node tools/figures/main.mjs

pictures: ## make pictures of every screen, in pictures/
	@tools/need pictures
	cargo build --locked --no-default-features --bin spendlight
	@node tools/pictures/main.mjs

clean: ## remove what was built
	cargo clean
	rm -rf pictures gen
