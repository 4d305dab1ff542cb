"""Follows dyads through time side by side with R data.table, and writes the table into docs/BENCHMARKS.md.

    cargo build --release --bin alliance                 # and, for R: r-cran-data.table
    python3 benches/peers/courses.py [DYADS] [RUNS]

Both sides read the same file of answers (dyads x 40 sessions x two informants x 12 items), score it and look for
ruptures. `alliance` applies four rules and makes its whole report (thresholds, rules, their agreement, informants),
timed as a whole process. No tool of the field does that; R does the smallest part that can be compared: the mean score,
falls of a point, and sessions below the lower limit of an individuals chart, timed inside its process. Both must find
as many falls before anything is timed. The simulation behind the chances of false alarms is timed by
`cargo bench --bench sessions`.
"""

import csv
import io
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from page import machine, write

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / "target/release/alliance"
RULES = ["points:1", "control_chart", "stiles2004_like", "fluctuation_within"]
SESSIONS = 40

R = """
suppressMessages(library(data.table)); setDTthreads(2)
start <- proc.time()[[3]]
d <- fread(commandArgs(TRUE)[1])
d[, y := rowMeans(.SD), .SDcols = paste0("w_", 1:12)]
setkey(d, dyad, role, session)
d[, fall := shift(y) - y, by = .(dyad, role)]
falls <- d[, sum(fall >= 1 - 1e-9, na.rm = TRUE)]
d[, low := mean(y) - 3 * mean(abs(fall), na.rm = TRUE) / 1.128, by = .(dyad, role)]
cat(falls, d[, sum(y < low - 1e-9)], proc.time()[[3]] - start, as.character(packageVersion("data.table")), "\\n")
"""


def write_data(path, dyads):
    chance = random.Random(7)
    with open(path, "w") as out:
        out.write("dyad,role,session," + ",".join(f"w_{i}" for i in range(1, 13)) + "\n")
        for dyad in range(1, dyads + 1):
            for role in ("client", "therapist"):
                for session in range(1, SESSIONS + 1):
                    level = 60 + chance.gauss(0, 7)
                    cells = (str(min(7, max(1, round((level + chance.gauss(0, 9)) / 12)))) for _ in range(12))
                    out.write(f"{dyad},{role},{session},{','.join(cells)}\n")


INSTRUMENT = """schema = "alliance-instrument/1"
[instrument]
id = "twelve"
edition = "benchmark"
revision = 1
title = { en = "Twelve items" }
construct = "alliance"
[instrument.rights]
access = "public"
[[source]]
id = "own"
cite = "Made for a benchmark."
[[responses]]
id = "points"
kind = "ordinal"
min = 1
max = 7
[[form]]
id = "client"
responses = "points"
roles = ["client"]
[[form]]
id = "therapist"
responses = "points"
roles = ["therapist"]
"""


def write_instrument(folder):
    items = "".join(f'[[item]]\nid = "i{i}"\ncolumns = ["w_{i}"]\n' for i in range(1, 13))
    names = ", ".join(f'"i{i}"' for i in range(1, 13))
    scale = f'[[scale]]\nid = "total"\nitems = [{names}]\nscore = "mean"\nmin_answered = 12\nrange = {{ points = [1, 7] }}\nevidence = "verified"\nsource = "own"\n'
    (folder / "twelve.toml").write_text(INSTRUMENT + items + scale)
    cases = "".join(
        f'[[case]]\nname = "{form}, all at the minimum"\nform = "{form}"\nanswers = "{" ".join(["1"] * 12)}"\nscores = {{ total = 1 }}\n'
        for form in ("client", "therapist")
    )
    (folder / "twelve.cases.toml").write_text(f'schema = "alliance-cases/1"\ninstrument = "twelve"\n{cases}')


def ours(folder, source, extra=()):
    rules = [word for rule in RULES for word in ("--rule", rule)]
    command = [BIN, "sessions", folder / "twelve.toml", source, *rules, "--simulations", "0", *extra]
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return time.perf_counter() - start, done.stdout


def ours_falls(text):
    """Falls of a point over all courses, from the report as CSV."""
    rows = csv.DictReader(io.StringIO(text))
    found = [int(row["ruptures"]) for row in rows if row["table"] == "rules" and row["rule"] == RULES[0]]
    return sum(found)


def theirs(source):
    done = subprocess.run(["Rscript", "-e", R, source], capture_output=True, text=True, check=True)
    falls, _, seconds, version = done.stdout.split()
    return float(seconds), int(falls), version


def simulation():
    done = subprocess.run(["cargo", "bench", "--bench", "sessions"], cwd=ROOT, capture_output=True, text=True, check=True)
    found = re.findall(r"^(false alarms, one length \((\d+) sessions\).*?)\s+([\d.]+) ms$", done.stdout, re.M)
    return [(int(sessions), float(ms)) for _, sessions, ms in found]


def main():
    dyads = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    with_r = shutil.which("Rscript") is not None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "answers.csv"
        write_data(source, dyads)
        write_instrument(folder)
        own_falls = ours_falls(ours(folder, source, ["--format", "csv"])[1])
        mine, other, version = [], [], ""
        for _ in range(runs):
            mine.append(ours(folder, source)[0])
            if with_r:
                seconds, falls, version = theirs(source)
                if falls != own_falls:
                    sys.exit(f"{falls} falls by R, {own_falls} by alliance")
                other.append(seconds)
        size = source.stat().st_size / 1e6
    lines = [
        f"{machine()}. {dyads:,} dyads, {SESSIONS} sessions, two informants, 12 items: {2 * SESSIONS * dyads:,} rows, {size:.0f} MB. Median of {runs} runs that took turns.",
        "",
        "| | seconds | fastest–slowest |",
        "|:---|---:|---:|",
        f"| alliance, four rules, the whole report | {statistics.median(mine):.3f} | {min(mine):.3f}–{max(mine):.3f} |",
    ]
    if other:
        lines.append(
            f"| R data.table {version}: scores, falls of a point, chart limits | {statistics.median(other):.3f} | {min(other):.3f}–{max(other):.3f} |"
        )
    lines += ["", "| bound | asked | measured | |", "|:---|---:|---:|:---|"]
    median = statistics.median(mine)
    lines.append(f"| four rules without simulation, from the file | ≤ 2 s | {median:.2f} s | {'met' if median <= 2 else 'missed'} |")
    for sessions, ms in simulation():
        met = "met" if ms <= 50 else "missed"
        lines.append(f"| false alarms of four rules, 2,000 courses of {sessions} sessions | ≤ 50 ms | {ms:.1f} ms | {met} |")
    write(__file__, "courses", lines)


if __name__ == "__main__":
    main()
