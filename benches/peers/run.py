"""Times scoring, checking and unfolding, side by side with polars, DuckDB and R data.table where they do the same work, and
writes the tables into docs/BENCHMARKS.md.

    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install polars duckdb     # for data.table: r-cran-data.table; and the package time
    cargo build --release --example simulate_wai36 --bin alliance
    /tmp/peers/bin/python benches/peers/run.py [ROWS] [RUNS]        # every table
    /tmp/peers/bin/python benches/peers/run.py [ROWS] [RUNS] check  # one of them: score, check, wide, before

`before` times the build at hand and that of an earlier commit in turn: what did dialects, labels, wide files and audits cost
the scoring of a plain file? The earlier one is built into target/before, once.

In `score`, every side reads the same file, makes the same four scores (means, items reversed as 8 - x, no score where an item is
missing), and writes the three key columns and the four scores. The sides take turns; the median of the runs counts.
Peers are timed inside their process, without start-up and import; `alliance` is timed as a whole process, with the
digest of its input and the receipt. Their output is compared with ours before anything is timed.
"""

import csv
import math
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from page import machine, write

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / "target/release"
REVERSED = [1, 3, 7, 9, 10, 11, 12, 15, 20, 27, 29, 31, 33, 34]
SCALES = {
    "task": [2, 4, 7, 11, 13, 15, 16, 18, 24, 31, 33, 35],
    "bond": [1, 5, 8, 17, 19, 20, 21, 23, 26, 28, 29, 36],
    "goal": [3, 6, 9, 10, 12, 14, 22, 25, 27, 30, 32, 34],
    "total": list(range(1, 37)),
}
KEYS = ["client_id", "session", "rater"]

POLARS = """
import sys, time, polars as pl
source, target = sys.argv[1:]
def item(i):
    c = pl.col(f"wai_{{i}}")
    return 8 - c if i in {reversed} else c
start = time.perf_counter()
frame = pl.{read}(source, schema_overrides={{f"wai_{{i}}": pl.Int8 for i in range(1, 37)}})
scores = [(pl.sum_horizontal([item(i).cast(pl.Int16) for i in items], ignore_nulls=False) / len(items)).alias(name)
          for name, items in {scales}.items()]
frame.select([*{keys}, *scores]).{write}(target)
print(time.perf_counter() - start)
"""

DUCKDB = """
import sys, time, duckdb
source, target = sys.argv[1:]
item = lambda i: f"(8 - wai_{{i}})" if i in {reversed} else f"wai_{{i}}"
scores = [f"({{' + '.join(item(i) for i in items)}}) / {{len(items)}} AS {{name}}" for name, items in {scales}.items()]
start = time.perf_counter()
duckdb.sql(f"COPY (SELECT {{', '.join({keys})}}, {{', '.join(scores)}} FROM read_csv('{{source}}')) TO '{{target}}' (HEADER)")
print(time.perf_counter() - start)
"""

DATA_TABLE = """
args <- commandArgs(TRUE)
suppressMessages(library(data.table))
reversed <- c({reversed_r})
scales <- list({scales_r})
start <- proc.time()[["elapsed"]]
d <- fread(args[1], showProgress = FALSE)
x <- as.matrix(d[, paste0("wai_", 1:36), with = FALSE])
x[, reversed] <- 8L - x[, reversed]
out <- d[, c("client_id", "session", "rater")]
for (name in names(scales)) set(out, j = name, value = rowMeans(x[, scales[[name]]]))
fwrite(out, args[2], showProgress = FALSE)
cat(proc.time()[["elapsed"]] - start, "\\n")
"""


def fill(text, **more):
    values = {"reversed": REVERSED, "scales": SCALES, "keys": KEYS}
    values["reversed_r"] = ", ".join(map(str, REVERSED))
    values["scales_r"] = ", ".join(f"{k} = c({', '.join(map(str, v))})" for k, v in SCALES.items())
    return text.format(**values, **more)


def process(command, accepted=(0,)):
    """Wall seconds, peak memory in MiB, and what was printed.

    GNU time starts the process: started from here, it would be charged with the memory of this interpreter."""
    with tempfile.NamedTemporaryFile("r") as peak:
        start = time.perf_counter()
        done = subprocess.run(["/usr/bin/time", "-f", "%M", "-o", peak.name, *command], stdout=subprocess.PIPE, text=True)
        took = time.perf_counter() - start
        if done.returncode not in accepted:
            raise SystemExit(f"{command[0]} failed: {done.stdout}")
        return took, int(peak.read().split()[-1]) / 1024, done.stdout


READ = ["wai", "SOURCE", "--person", "client_id", "--role", "rater"]


def run_alliance(binary, command, source, *options):
    read = [source if word == "SOURCE" else word for word in READ]
    # The simulated answers know of no reversed items, so `check` has something to say.
    seconds, memory, _ = process([str(binary), command, *read, *options], accepted=(0, 3) if command == "check" else (0,))
    return seconds, memory


def alliance(source, target):
    return run_alliance(BIN / "alliance", "score", source, "--columns", "scores", "-o", target)


def timed_inside(command):
    def run(source, target):
        _, memory, said = process([*command, source, target])
        return float(said.split()[-1]), memory
    return run


def as_bytes(source, target, output):
    """Reads the input and writes the output's bytes, in blocks of 512 KiB."""
    written = Path(output).read_bytes()
    buffer = bytearray(512 * 1024)
    start = time.perf_counter()
    with open(source, "rb", buffering=0) as file:
        while file.readinto(buffer):
            pass
    with open(target, "wb", buffering=0) as file:
        for at in range(0, len(written), len(buffer)):
            file.write(written[at : at + len(buffer)])
    return time.perf_counter() - start, 0.0


def same(a, b):
    """Whether two outputs hold the same scores."""
    with open(a) as one, open(b) as other:
        for left, right in zip(csv.reader(one), csv.reader(other), strict=True):
            for x, y in zip(left, right, strict=True):
                if x != y and not (x and y and math.isclose(float(x), float(y), rel_tol=1e-12)):
                    return False
    return True


def simulate(rows, folder):
    path = f"{folder}/wai36_{rows}.csv"
    with open(path, "wb") as file:
        subprocess.run([str(BIN / "examples/simulate_wai36"), str(rows)], stdout=file, check=True)
    return path


def versions():
    found = {}
    for name in ("polars", "duckdb"):
        found[name] = subprocess.run([sys.executable, "-c", f"import {name}; print({name}.__version__)"],
                                     capture_output=True, text=True).stdout.strip()
    if shutil.which("Rscript"):
        said = subprocess.run(["Rscript", "-e", "cat(as.character(packageVersion('data.table')))"], capture_output=True, text=True)
        found["data.table"] = said.stdout.strip()
    return {name: version for name, version in found.items() if version}


def score(rows, runs, folder):
    have = versions()
    source = simulate(rows, folder)
    script = f"{folder}/data_table.R"
    Path(script).write_text(fill(DATA_TABLE))
    python = lambda text: timed_inside([sys.executable, "-c", text])
    sides = {"alliance": alliance}
    if "polars" in have:
        sides[f"polars {have['polars']}, streamed"] = python(fill(POLARS, read="scan_csv", write="sink_csv"))
        sides[f"polars {have['polars']}, whole frame"] = python(fill(POLARS, read="read_csv", write="write_csv"))
    if "duckdb" in have:
        sides[f"DuckDB {have['duckdb']}"] = python(fill(DUCKDB))
    if "data.table" in have:
        sides[f"R data.table {have['data.table']}"] = timed_inside(["Rscript", script])
    ours = f"{folder}/alliance.csv"
    alliance(source, ours)
    sides["read and write as bytes"] = lambda source, target: as_bytes(source, target, ours)
    measured = {name: [] for name in sides}
    for number in range(runs + 1):
        for name, run in sides.items():
            target = f"{folder}/out.csv"
            for old in (target, f"{target}.receipt.json"):
                Path(old).unlink(missing_ok=True)
            figures = run(source, target)
            if number == 0:  # the first round warms up, and shows that all do the same work
                if not same(ours, target):
                    raise SystemExit(f"{name} does not write what alliance writes")
            else:
                measured[name].append(figures)
    big = simulate(10 * rows, folder)
    big_figures = [alliance(big, f"{folder}/big.csv") for _ in range(3)]
    size = os.path.getsize(source) / 1e6
    seconds = {name: statistics.median(f[0] for f in figures) for name, figures in measured.items()}
    memory = {name: max(f[1] for f in figures) for name, figures in measured.items()}
    report(rows, size, runs, seconds, memory, big_figures, measured)


def in_turn(sides, runs):
    """Median seconds, fastest, slowest, and peak memory of sides that take turns; the first round warms up."""
    measured = {name: [] for name in sides}
    for number in range(runs + 1):
        for name, run in sides.items():
            figures = run()
            if number:
                measured[name].append(figures)
    return {
        name: (statistics.median(f[0] for f in of), min(f[0] for f in of), max(f[0] for f in of), max(f[1] for f in of))
        for name, of in measured.items()
    }


def table(figures):
    head = ["| | seconds | fastest–slowest | peak MiB |", "|:---|---:|---:|---:|"]
    return head + [f"| {name} | {took:.3f} | {low:.3f}–{high:.3f} | {peak:.0f} |" for name, (took, low, high, peak) in figures.items()]


def verdict(met):
    return "met" if met else "missed"


def check(rows, runs, folder):
    """Every row of the simulated file has a key of its own: the hardest case for what is remembered of keys."""
    source, binary = simulate(rows, folder), BIN / "alliance"
    figures = in_turn({
        "score": lambda: run_alliance(binary, "score", source, "--columns", "scores", "-o", f"{folder}/out.csv"),
        "check": lambda: run_alliance(binary, "check", source, "-o", f"{folder}/check.txt"),
    }, runs)
    (plain, _, _, little), (took, _, _, peak) = figures["score"], figures["check"]
    room = little + rows * 32 / 2**20
    write(__file__, "check", [
        f"{machine()}. {rows:,} rows of 36 items, {rows:,} distinct keys. Median of {runs} runs that took turns.", "",
        *table(figures), "",
        "| bound | asked | measured | |", "|:---|---:|---:|:---|",
        f"| time of check, against score | ≤ 2 × | {took / plain:.2f} × | {verdict(took <= 2 * plain)} |",
        f"| memory of check: that of score and 32 bytes a distinct key | ≤ {room:.0f} MiB | {peak:.0f} MiB | {verdict(peak <= room)} |",
    ])


def wide(rows, runs, folder):
    """Persons in rows, 40 sessions of 12 items beside each other."""
    persons, sessions, items = max(rows // 10, 1), 40, 12
    stream = random.Random(12)
    bodies = ["".join(f",{stream.choice('1234567')}" for _ in range(sessions * items)) for _ in range(997)]

    def made(persons):
        path = f"{folder}/wide_{persons}.csv"
        with open(path, "w") as file:
            names = [f"wai{item:02}_s{session}" for session in range(1, sessions + 1) for item in range(1, items + 1)]
            file.write(f"id,{','.join(names)}\n")
            for person in range(persons):
                file.write(f"P{person}{bodies[person % len(bodies)]}\n")
        return path

    def run(path):
        seconds, memory, _ = process([str(BIN / "alliance"), "score", "wai_s", path, "--items", "wai{item}_s{session}",
                                      "--columns", "scores", "-o", f"{folder}/out.csv"])
        return seconds, memory

    few, many = made(max(persons // 10, 1)), made(persons)
    name = lambda n: f"{n:,} rows, unfolded into {n * sessions:,}"
    figures = in_turn({name(max(persons // 10, 1)): lambda: run(few), name(persons): lambda: run(many)}, runs)
    (_, _, _, little), (took, _, _, peak) = figures.values()
    write(__file__, "wide", [
        f"{machine()}. {sessions} sessions of {items} items in a row, {os.path.getsize(many) / 1e6:.0f} MB; keys and four scores of every session out. "
        f"Median of {runs} runs that took turns.", "",
        *table(figures), "",
        f"{persons * sessions / took:,.0f} unfolded rows per second. Ten times the rows take {peak - little:+.1f} MiB of memory.",
    ])


# The last commit before dialects, labels, wide files, several files and audits.
BEFORE = "a019d82"


def before(rows, runs, folder):
    built = ROOT / "target/before"
    binary = built / "release/alliance"
    if not binary.exists():
        tree = f"{folder}/tree"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--detach", tree, BEFORE], check=True)
        try:
            subprocess.run(["cargo", "build", "--release", "--bin", "alliance", "--target-dir", str(built)], cwd=tree, check=True)
        finally:
            subprocess.run([*git, "remove", "--force", tree], check=True)
    source = simulate(rows, folder)
    run = lambda binary: lambda: run_alliance(binary, "score", source, "--columns", "scores", "-o", f"{folder}/out.csv")
    figures = in_turn({"before": run(binary), "after": run(BIN / "alliance")}, 2 * runs)
    old, new = figures["before"][0], figures["after"][0]
    write(__file__, "before", [
        f"{machine()}. `score` on {rows:,} plain rows of 36 items. Median of {2 * runs} runs that took turns.", "",
        *table(figures), "",
        f"After, it takes {new / old:.2f} times as long.",
    ])


def main():
    words = sys.argv[1:]
    numbers = [int(word) for word in words if word.isdigit()]
    parts = {part.__name__: part for part in (score, check, wide, before)}
    chosen = [word for word in words if word in parts] or list(parts)
    rows, runs = (numbers + [1_000_000, 9][len(numbers):])[:2]
    for name in chosen:
        with tempfile.TemporaryDirectory() as folder:
            parts[name](rows, runs, folder)


def report(rows, size, runs, seconds, memory, big, measured):
    lines = [
        f"{machine()}. {rows:,} rows, {size:.0f} MB in; keys and four scores out. Median of {runs} runs that took turns.",
        "",
        "| | seconds | fastest–slowest | rows per second | times slower than alliance | peak MiB |",
        "|:---|---:|---:|---:|---:|---:|",
    ]
    ours = seconds["alliance"]
    for name, took in seconds.items():
        spread = [f[0] for f in measured[name]]
        peak = f"{memory[name]:.0f}" if memory[name] else ""
        lines.append(f"| {name} | {took:.3f} | {min(spread):.3f}–{max(spread):.3f} | {rows / took:,.0f} | {took / ours:.1f} | {peak} |")
    big_seconds = statistics.median(f[0] for f in big)
    polars = min(took for name, took in seconds.items() if name.startswith("polars"))
    plain = seconds["read and write as bytes"]
    lines += [
        "",
        f"Ten times the rows: {big_seconds:.2f} s, peak {max(f[1] for f in big):.0f} MiB.",
        "",
        "| bound | asked | measured | |",
        "|:---|---:|---:|:---|",
        f"| rows per second, against the faster polars | ≥ 6 × | {polars / ours:.1f} × | {verdict(polars / ours >= 6)} |",
        f"| time, against reading and writing the same bytes | ≤ 3 × | {ours / plain:.1f} × | {verdict(ours / plain <= 3)} |",
        f"| peak memory, one and ten times the rows | ≤ 64 MiB | {memory['alliance']:.0f} and {max(f[1] for f in big):.0f} MiB | {verdict(max(f[1] for f in big) <= 64)} |",
    ]
    write(__file__, "score", lines)


main()
