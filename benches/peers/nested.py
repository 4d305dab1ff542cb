"""Fits mixed models side by side with lme4, pbkrtest and the PyPI package glmm, and writes the table into docs/BENCHMARKS.md.

    python3 benches/peers/nested.py [TURNS]              # needs R with lme4 and pbkrtest, and pip install glmm

`cargo bench --bench nested` simulates the data, writes them, and times its own fits inside its process; R and Python read
the same rows and time theirs inside their own processes, without reading and without starting. The three take turns.
Each side's best time in a turn counts, then the median over turns. Degrees of freedom are left out of the first two
models on every side; Kenward-Roger is timed with its fit on our side, and without the fit for pbkrtest.
"""

import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from page import machine, write

ROOT = Path(__file__).resolve().parents[2]
TASKS = ["intercept and slope, 20 000 rows, 1 000 dyads", "three levels, 200 workers", "Kenward-Roger, 500 rows"]
FORMULAS = ["score ~ time + (time | dyad)", "score ~ time + (time | dyad) + (1 | worker)"]

R = r"""
suppressMessages({library(lme4); library(pbkrtest)})
folder <- commandArgs(TRUE)[1]
large <- read.csv(file.path(folder, "large.csv")); small <- read.csv(file.path(folder, "small.csv"))
clock <- function(f) { gc(FALSE); t <- proc.time()[[3]]; v <- f(); list(v, proc.time()[[3]] - t) }
for (formula in commandArgs(TRUE)[2:3]) {
  a <- clock(function() lmer(as.formula(formula), large))
  b <- clock(function() lmer(as.formula(formula), large))
  cat("fit", sprintf("%.9f", as.numeric(logLik(a[[1]]))), min(a[[2]], b[[2]]), "\n")
}
m <- lmer(score ~ time + (time | dyad), small)
df <- function() { v <- vcovAdj(m); c(Lb_ddf(c(1, 0), vcov(m), v), Lb_ddf(c(0, 1), vcov(m), v)) }
a <- clock(df); b <- clock(df)
cat("fit", sprintf("%.9f", as.numeric(logLik(m))), min(a[[2]], b[[2]]), "\n")
cat("versions", R.version$major, R.version$minor, as.character(packageVersion("lme4")), as.character(packageVersion("pbkrtest")), "\n")
"""


def ours(folder):
    done = subprocess.run(
        ["cargo", "bench", "--bench", "nested", "--", str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    fits = re.findall(r"^(.*?)\s+([\d.]+) ms   log-likelihood (-?[\d.]+)$", done.stdout, re.M)
    lines = re.search(r"^10 000 regressions.*?\s([\d.]+) ms$", done.stdout, re.M)
    return [(float(ms) / 1e3, float(loglik)) for _, ms, loglik in fits], float(lines[1]) / 1e3


def theirs_r(folder):
    done = subprocess.run(["Rscript", "-e", R, str(folder), *FORMULAS], capture_output=True, text=True, check=True)
    rows = [line.split() for line in done.stdout.splitlines()]
    fits = [(float(row[2]), float(row[1])) for row in rows if row[0] == "fit"]
    return fits, next(row[1:] for row in rows if row[0] == "versions")


def theirs_glmm(folder):
    import csv

    import glmm

    with open(folder / "large.csv") as file:
        rows = list(csv.DictReader(file))
    data = {key: [float(row[key]) for row in rows] for key in ("time", "score")}
    data |= {key: [row[key] for row in rows] for key in ("dyad", "worker")}
    found = []
    for formula in FORMULAS:
        best, began, fits = float("inf"), time.perf_counter(), 0
        while fits < 2 or (fits < 25 and time.perf_counter() - began < 2):
            start = time.perf_counter()
            fit = glmm.fit(data, formula, reml=True, satterthwaite=False)
            best, fits = min(best, time.perf_counter() - start), fits + 1
        found.append((best, fit.loglik))
    return found


def main():
    from importlib.metadata import version

    turns = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mine, r, python, lines = [], [], [], []
        for _ in range(turns):
            fits, seconds = ours(folder)
            mine.append(fits)
            lines.append(seconds)
            fits, versions = theirs_r(folder)
            r.append(fits)
            python.append(theirs_glmm(folder))
    median = lambda turns, at: statistics.median(turn[at][0] for turn in turns)
    peers = [f"lme4 {versions[2]}", f"lme4 {versions[2]}", f"pbkrtest {versions[3]}"]
    text = [
        f"{machine()}. R {versions[0]}.{versions[1]}, glmm {version('glmm')}. Median of {turns} turns, each the best of a few fits; restricted likelihood.",
        "",
        "| | alliance | R | glmm | log-likelihood | R's less ours | glmm's less ours |",
        "|:---|---:|---:|---:|---:|---:|---:|",
    ]
    for at, task in enumerate(TASKS):
        own, other = mine[0][at][1], r[0][at][1]
        g = f"{median(python, at) * 1e3:.1f} ms" if at < 2 else ""
        off = f"{python[0][at][1] - own:.1e}" if at < 2 else ""
        text.append(
            f"| {task} | {median(mine, at) * 1e3:.2f} ms | {peers[at]}: {median(r, at) * 1e3:.0f} ms | {g} | {own:.6f} | {other - own:.1e} | {off} |"
        )
    text += ["", "| bound | asked | measured | |", "|:---|---:|---:|:---|"]
    bound = lambda what, asked, measured, met: text.append(f"| {what} | {asked} | {measured} | {'met' if met else 'missed'} |")
    for at, least in [(0, 50), (1, 50), (2, 20)]:
        times = median(r, at) / median(mine, at)
        bound(f"{TASKS[at]}: as fast as {peers[at].split()[0]}", f"≥ {least} ×", f"{times:.0f} ×", times >= least)
    for at in (0, 1):
        times = median(python, at) / median(mine, at)
        bound(f"{TASKS[at]}: as fast as glmm", "> 1 ×", f"{times:.1f} ×", times > 1)
    for at in (0, 1):
        worse = max(max(peer[0][at][1] for peer in (r, python)) - mine[0][at][1], 0.0)
        bound(f"{TASKS[at]}: likelihood below the best of the peers", "≤ 1e-6", f"{worse:.0e}", worse <= 1e-6)
    seconds = statistics.median(lines)
    bound("10,000 regressions of a dyad, 20 sessions each", "milliseconds", f"{seconds * 1e3:.1f} ms", seconds < 0.1)
    write(__file__, "nested", text)


if __name__ == "__main__":
    main()
