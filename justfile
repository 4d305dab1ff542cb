# What people do most; `just --list` shows it.

# All tests, as README says
test:
    cargo test

# Formatting, warnings, documentation
lint:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps

# How fast each stage of scoring is
bench:
    cargo bench --bench score
    cargo bench --bench statistics

# Side by side with polars, DuckDB and data.table; writes docs/BENCHMARKS.md
peers:
    cargo build --release --example simulate_wai36 --bin alliance
    python3 benches/peers/run.py

# Writes the example study anew
study:
    cargo run --example child_protection

# Opens pages in a browser and Word files in LibreOffice, and says what is wrong
pages:
    tests/pages/run.sh

# Everything that must pass
ci:
    .ci/run
