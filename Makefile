# The front door. `make help` tells what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PORT ?= 5173
SERVER := node web/server/src/main.ts
SERVER_DATA ?= build/server
SERVER_PORT ?= 8080
ENV := . .toolchain/env.sh;
PLAYS := ../shared/data/hetrec2011-lastfm-2k/user_artists.tsv

.PHONY: help setup setup-test native wasm web extension build play server test journey-large bench bench-encoder bench-open bench-search bench-extension bench-playlist bench-reports bench-contribution privacy-long audit simulate poison kills cluster end-to-end fuzz fuzz-short quality encoder items size format lint notices clean distclean

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what is missing on this machine and fetch the pinned toolchain into .toolchain/
	@wasm/toolchain/setup.sh

setup-test: setup ## install what only the tests need, too: linters, browsers, a Subsonic server, PostgreSQL
	@wasm/toolchain/setup.sh test postgres

native: setup ## build the native command line (build/native-release)
	@$(ENV) wasm/toolchain/build.sh native-release

wasm: setup ## build both WebAssembly modules and the command line for Node
	@$(ENV) wasm/toolchain/build.sh wasm-simd:ossicle-simd wasm-simd:ossicle-private wasm-simd:ossicle wasm-relaxed:ossicle-relaxed

web: wasm ## build the package, the page and the extension (web/engine/dist, web/player/dist, web/extension/dist)
	@$(ENV) wasm/toolchain/web.sh

extension: web ## zips of the browser extension for both stores (web/extension/dist)
	@ls -l web/extension/dist/*.zip

build: native web ## build everything

play: web ## serve the page and print its address (PORT=5173; PLAY_CHECK=1 only checks that it answers)
	@$(ENV) wasm/toolchain/play.sh $(PORT)

server: web ## publish the catalogue in a log of its own and serve it with the page (SERVER_PORT=8080, SERVER_DATA=build/server)
	@$(ENV) [ -e $(SERVER_DATA)/config.json ] || $(SERVER) init --data $(SERVER_DATA)
	@$(ENV) $(SERVER) publish --data $(SERVER_DATA) models/items/bundle
	@$(ENV) exec $(SERVER) serve --data $(SERVER_DATA) --page web/player/dist --port $(SERVER_PORT)

test: setup-test ## run every test; FORCE=1 also those that passed on this very tree
	@$(ENV) tests/run.sh

bench: native web setup-test ## speed against the goals, in Node and Chromium, beside the measured memory floor
	@$(ENV) wasm/toolchain/build.sh wasm-simd:ossicle_bench wasm-relaxed:ossicle_bench
	@$(ENV) node tests/bench/run.mjs

bench-encoder: web setup-test ## the int8 encoder against ONNX Runtime Web on the same weights, in Node and Chromium
	@$(ENV) tests/bench/encoder/run.sh

bench-open: native web setup-test ## the package in Node and Chromium: open to first vector, one text, 20,000 titles, memory, size
	@$(ENV) node tests/bench/open/run.mjs

bench-search: native web setup-test ## search as a person types over 100,000 tracks, in Node and Chromium: keystrokes, building, memory
	@$(ENV) node tests/bench/search/run.mjs

journey-large: web setup-test ## the page with 20,000 tracks in Chromium: main thread, answers, memory (about 4 minutes)
	@$(ENV) cd web && OSSICLE_TRACKS=20000 node --test ../tests/web/large.test.ts

bench-extension: extension setup-test ## the extension in Chromium: start of its engine, memory, processor time while nothing plays (about 5 minutes)
	@$(ENV) node tests/bench/extension/run.ts

bench-playlist: native web setup-test ## playlists of 50 of 17,632 artists through the package, in Node and Chromium
	@$(ENV) wasm/toolchain/build.sh native-release:random_sequence
	@$(ENV) node tests/bench/playlist/run.mjs

bench-reports: web setup-test ## reports that two aggregators take in a second, over loopback
	@$(ENV) node tests/bench/reports.ts

bench-contribution: web setup-test ## what one contribution costs a listener's browser: time and bytes, in Node and Chromium
	@$(ENV) node tests/bench/contribution.ts

privacy-long: setup ## the noise over 10^7 samples and the budget over 10^6 schedules with crashes (about 2 minutes)
	@$(ENV) wasm/toolchain/build.sh native-release:privacy_long
	@build/native-release/tests/privacy/privacy_long

audit: setup ## attackers against the mechanism as it is built and broken: what they learn, and what is claimed (about 10 minutes)
	@$(ENV) wasm/toolchain/build.sh native-release:privacy_audit
	@build/native-release/tests/privacy/audit/privacy_audit

simulate: setup ## what contributions of 60,000 and more synthetic listeners teach, with and without noise (about 8 minutes; resumes)
	@$(ENV) wasm/toolchain/build.sh native-release:simulate
	@build/native-release/tests/privacy/simulation/simulate $(PLAYS) build/simulation

poison: setup ## what listeners who lie can do to a list (about 10 minutes; resumes)
	@$(ENV) wasm/toolchain/build.sh native-release:poison
	@build/native-release/tests/privacy/simulation/poison $(PLAYS) build/simulation

kills: web setup-test ## kills both aggregators at random 1,000 times, one report in five a liar's: honest ones acknowledged = summed = stored, and no table beyond the norm in a sum
	@$(ENV) node tests/privacy/kills.ts 1000

cluster: web setup-test ## the same of nodes over PostgreSQL: kills nodes, primary and standby 1,000 times (about half an hour; SEED=1)
	@$(ENV) node tests/privacy/cluster.ts 1000 $${SEED:-1}

end-to-end: web setup-test ## 200 real listeners contribute in Chromium, sums, a new snapshot, recall before and after (about 12 minutes)
	@$(ENV) node tests/privacy/end-to-end/run.ts

quality: native web ## the figures of the benchmark: 5 seeds, and own data never in training through WebAssembly
	@$(ENV) node tests/quality/recommendation.mjs --full

fuzz: setup ## fuzz every parser for an hour each (FUZZ_SECONDS=3600)
	@$(ENV) wasm/toolchain/fuzz.sh $${FUZZ_SECONDS:-3600}

fuzz-short: setup ## fuzz every parser for a minute each
	@$(ENV) wasm/toolchain/fuzz.sh 60

encoder: native ## train, pack and measure the text encoder ($$OSSICLE_ENCODER_WORK, about 8 GB; PyPI)
	@$(ENV) models/encoder/setup.sh && $(ENV) models/encoder/run.sh && $(ENV) models/encoder/pack.sh

items: native ## train and export the starter catalogue from ../shared/data
	@$(ENV) models/items/run.sh

size: web ## sizes of the modules and of the package
	@$(ENV) cd web && npm run --silent size

format: setup-test ## rewrite the sources in the project's format
	@$(ENV) git ls-files '*.cpp' '*.h' | xargs clang-format-19 -i
	@$(ENV) cd web && npm run --silent format

lint: setup-test ## format, generated files, clang-tidy, TypeScript rules
	@$(ENV) tests/run.sh --only lint

notices: setup ## third-party notices of what is linked in (build/THIRD_PARTY_NOTICES)
	@wasm/toolchain/notices.sh

clean: ## remove builds
	rm -rf build web/engine/dist web/player/dist web/extension/dist

distclean: clean ## remove the toolchain too
	rm -rf .toolchain web/node_modules
