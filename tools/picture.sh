#!/usr/bin/env bash
# Draws docs/picture.png, the picture of the README, from the example study: a page for practice beside a figure and a table
# of the report. Needs chromium.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cargo build --quiet --release --bin alliance
alliance=${CARGO_TARGET_DIR:-target}/release/alliance
study=examples/child_protection/study.toml
"$alliance" report "$study" --for practice -o "$folder/practice.html"
"$alliance" report "$study" --blocks cosmin,methods -o "$folder/evidence.html"
"$alliance" plot answers wai_s examples/child_protection/answers.csv --scale total -o "$folder/answers.svg" 2>/dev/null
cat >"$folder/picture.html" <<'HTML'
<!DOCTYPE html><meta charset="utf-8"><style>
body { margin: 0; display: grid; grid-template: 400px 380px / 560px 740px; gap: 0 20px; background: #fff; }
div { overflow: hidden; padding-top: 16px; }
iframe { border: 0; width: 100%; height: 100%; }
iframe:first-child { grid-row: 1 / 3; }
</style>
<iframe src="practice.html#dyad_page" scrolling="no"></iframe>
<div><img src="answers.svg" width="720"></div>
<iframe src="evidence.html#cosmin" scrolling="no"></iframe>
HTML
chromium --headless --no-sandbox --hide-scrollbars --allow-file-access-from-files --window-size=1320,780 \
    --screenshot="$PWD/docs/picture.png" "file://$folder/picture.html" >/dev/null 2>&1
echo "docs/picture.png"
