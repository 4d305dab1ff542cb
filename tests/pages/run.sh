#!/usr/bin/env bash
# Writes the pages and Word files of the example study and opens them: pages in headless Chromium, Word files in
# LibreOffice. What is missing is installed where apt can (as root): chromium, libreoffice-writer, poppler-utils.
#   tests/pages/run.sh [FOLDER FOR PICTURES]
set -euo pipefail
cd "$(dirname "$0")/../.."

need=()
command -v chromium >/dev/null || need+=(chromium)
command -v soffice >/dev/null || need+=(libreoffice-writer)
command -v pdftotext >/dev/null || need+=(poppler-utils)
command -v python3 >/dev/null || need+=(python3)
if [ "${#need[@]}" -gt 0 ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${need[@]}" fonts-dejavu >/dev/null
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cargo build --quiet
alliance=${CARGO_TARGET_DIR:-target}/debug/alliance
study=examples/child_protection

"$alliance" report "$study/study.toml" -o "$folder/report.html"
"$alliance" report "$study/study.toml" -o "$folder/report.docx"
"$alliance" report wai_s "$study/answers.csv" -o "$folder/wai_s.html"
for lang in en es; do
    "$alliance" report "$study/study.toml" --for practice --lang "$lang" -o "$folder/practice_$lang.html"
    "$alliance" report "$study/study.toml" --for practice --lang "$lang" -o "$folder/practice_$lang.docx"
done
"$alliance" report "$study/study.toml" --for practice --copy caregiver -o "$folder/copy.html"
"$alliance" plot answers wai_s "$study/answers.csv" --format html -o "$folder/plot.html"
"$alliance" check wai_s "$study/answers.csv" --format html -o "$folder/check.html"
# Names that hold markup, a formula, and letters from right to left stay what they are: words.
python3 - "$study/answers.csv" "$folder/hostile.csv" <<'PY'
import csv, sys
names = {"1": "<script>alert(1)</script>", "2": "=cmd()", "3": "الأسرة الثالثة", "4": "a\"b'c&d", "5": "x" * 80}
with open(sys.argv[1], newline="") as source, open(sys.argv[2], "w", newline="") as target:
    rows = csv.DictReader(source)
    out = csv.DictWriter(target, rows.fieldnames)
    out.writeheader()
    for row in rows:
        row["dyad"] = names.get(row["dyad"], row["dyad"])
        out.writerow(row)
PY
"$alliance" report wai_s "$folder/hostile.csv" --title "تحالف العمل <b>" --identifiers -o "$folder/hostile.html"
"$alliance" report wai_s "$folder/hostile.csv" --title "تحالف العمل <b>" --identifiers -o "$folder/hostile.docx"
"$alliance" plot course wai_s "$folder/hostile.csv" --format html -o "$folder/hostile_courses.html"

pictures=()
[ $# -gt 0 ] && pictures=(--pictures "$1")
python3 tests/pages/check.py "${pictures[@]}" "$folder"/*.html "$folder"/*.docx

# The check itself must see what is wrong.
cat >"$folder/bad.html" <<'HTML'
<!DOCTYPE html><html><head><meta charset="utf-8"><title>x</title><script>console.error("no")</script></head>
<body><nav><input type="checkbox"><ol style="display:none"></ol></nav><h1>x</h1><p style="width:3000px">wide</p><img src="http://localhost:9/x.png"><a href="#nowhere">x</a></body></html>
HTML
if seen=$(python3 tests/pages/check.py "$folder/bad.html"); then
    echo "the check finds nothing in a bad page"
    exit 1
fi
for word in "scrolls sideways" "asks for" "says" "leads nowhere" "holds what" "contents folded"; do
    grep -q "$word" <<<"$seen" || { echo "the check does not see: $word"; echo "$seen"; exit 1; }
done
echo "pages and Word files are sound"
