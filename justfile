# The recipes of Spymaster. CONTRIBUTING.md says when to use which.

# List the recipes
[private]
default:
    @just --list --unsorted

# --- First of all ---

# Serve the synthetic market on http://127.0.0.1:8002, or a session: just demo --symbol ESH4 --dt 2023-12-25
[group('first')]
[no-exit-message]
demo *args: web-build
    cargo run --profile demo --locked --no-default-features --package vp-live -- {{ args }}

# Make 20 short synthetic dates, run the whole pipeline, calibrate, and serve it on http://127.0.0.1:8001
[group('first')]
[no-exit-message]
demo-velocity minutes="10" *args: web-build
    @echo "demo-velocity: about 3 minutes on two cores, most of it the first build"
    @echo "step 1 of 4: raw files of 20 dates of {{ minutes }} minutes"
    cargo run --release --locked --package vp-synth --example raw_lake -- target/demo-velocity-{{ minutes }} 20 {{ minutes }}
    @echo "step 2 of 4: the program"
    cargo build --release --locked --package velocity
    @echo "step 3 of 4: silver of the future and its options, then the calibration"
    just pipeline target/release/velocity target/demo-velocity-{{ minutes }} {{ minutes }}
    @echo "step 4 of 4: the server; Ctrl-C stops it"
    target/release/velocity serve --lake target/demo-velocity-{{ minutes }} {{ args }}

# Silver of the demonstration's future and its options, then the calibration
[private]
pipeline velocity lake minutes:
    {{ velocity }} run --lake {{ lake }} --product-type future_mbo --layer all --symbol ESH6 --start-date 2026-01-12 --end-date 2026-02-06 --session 09:30-09:$((30 + {{ minutes }}))
    {{ velocity }} run --lake {{ lake }} --product-type future_option_mbo --layer all --symbol ESH6 --start-date 2026-01-12 --end-date 2026-02-06
    {{ velocity }} calibrate --lake {{ lake }} --root ES

# Build the pages and the server that embeds them: target/release/vp-live
[group('first')]
build: web-build
    cargo build --release --locked --package vp-live

# Build the pages alone; a server that is built afterwards embeds them
[group('first')]
web-build:
    cd apps/web && npm ci --no-audit --no-fund && npm run build

# --- The gate: what a change must pass ---

# Run the whole gate, or the named parts of it: fmt layers words deny clippy docs web test fuzz
[group('gate')]
[no-exit-message]
ci *gates:
    cargo xtask ci {{ gates }}

# Run every test of every runner and sum them in one line
[group('gate')]
[no-exit-message]
test *args:
    cargo xtask test {{ args }}

# Check formatting and lints, warnings being errors
[group('gate')]
lint: (ci "fmt" "clippy")

# Compare the imports between the crates with the layer table
[group('gate')]
layers:
    cargo xtask layers

# Check banned dependencies, licences and sources
[group('gate')]
deny: (ci "deny")

# Ask for known vulnerabilities in the dependencies (needs the network)
[group('gate')]
advisories:
    cargo deny --all-features check advisories

# Test the pages: their types, their units, and themselves in a browser
[group('gate')]
[no-exit-message]
web-test: (ci "web") (test "--only" "vitest") (test "--only" "playwright")

# Check every feature of every crate alone (needs cargo-hack: cargo install --locked cargo-hack)
[group('long')]
features:
    cargo hack check --workspace --each-feature --locked

# Build the messages for the browser, and the engine without a standard library
[group('long')]
bare:
    cargo build --locked --package vp-wire --target wasm32-unknown-unknown
    cargo build --locked --package vp-engine --target x86_64-unknown-none

# Build the crates that are for crates.io as they would be published
[group('long')]
package:
    cargo package --locked --package vp-market --package vp-book --package vp-engine

# --- The long forms: what an evening is for ---

# Run the slow tests in their long form
[group('long')]
soak:
    cargo xtask test --soak

# Run every fuzz target, or the named ones, for that many seconds each
[group('long')]
fuzz seconds="60" *targets:
    cargo xtask fuzz --seconds {{ seconds }} {{ targets }}

# Measure: just bench -p vp-engine
[group('long')]
bench *args:
    cargo bench --bench '*' {{ args }}

# Measure beside the order books of others, which stay outside the workspace: just bench-peers 11
[group('long')]
bench-peers runs="7":
    cargo run --release --locked --manifest-path crates/bench-peers/Cargo.toml -- {{ runs }}

# --- At the desk ---

# Show the pages as they are written on http://127.0.0.1:5174; SPYMASTER_SERVER names their server
[group('desk')]
web-dev:
    cd apps/web && npm ci --no-audit --no-fund && npm run dev

# Format the workspace and the fuzz crates outside it
[group('desk')]
fmt:
    cargo fmt --all
    for manifest in $(ls crates/*/fuzz/Cargo.toml 2>/dev/null); do cargo fmt --manifest-path "$manifest"; done

# Build the documentation: just doc --open
[group('desk')]
doc *args:
    cargo doc --workspace --all-features --no-deps {{ args }}

# Rewrite the committed golden results from what the code yields now
[group('desk')]
bless:
    SPYMASTER_BLESS=1 cargo test --workspace --all-features --test golden --test signals
