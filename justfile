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

# Reliability side by side with psych, lavaan and semTools; writes docs/BENCHMARKS.md
peers-reliability:
    cargo build --release --bin alliance --example time_reliability
    python3 benches/peers/reliability.py

# Agreement side by side with psych and krippendorff; writes docs/BENCHMARKS.md
peers-agreement:
    python3 benches/peers/agreement.py

# What tests found beside other software; writes docs/PARITY.md
parity:
    rm -f target/parity.tsv
    PARITY_LOG=$PWD/target/parity.tsv cargo test --test all
    python3 tools/parity.py target/parity.tsv

# Writes the example study and ratings anew
study:
    cargo run --example child_protection
    cargo run --example informants

# Opens pages in a browser and Word files in LibreOffice, and says what is wrong
pages:
    tests/pages/run.sh

# Draws the picture of the README anew
picture:
    tools/picture.sh

# Everything that must pass
ci:
    .ci/run
