"""Computes agreement side by side with psych and the PyPI package krippendorff, and writes the table into docs/BENCHMARKS.md.

    python3 benches/peers/agreement.py [TURNS]           # needs R with psych, and pip install krippendorff

`cargo bench --bench agreement` simulates the ratings, writes them, and times its own coefficients inside its process; R and
Python read the same rows and time theirs inside their own processes, without reading and without starting. The three take
turns. Each side's best time in a turn counts, then the median over turns. One core on every side.
"""

import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from page import machine, write

ROOT = Path(__file__).resolve().parents[2]
METRICS = ["nominal", "ordinal", "interval", "ratio"]

R = r"""
suppressMessages(library(psych))
ratings <- read.csv(commandArgs(TRUE)[1])
best <- Inf
for (i in 1:2) {
  gc(FALSE); clock <- proc.time()[[3]]
  found <- ICC(ratings, lmer = FALSE)
  best <- min(best, proc.time()[[3]] - clock)
}
cat(best, sprintf("%.9f", found$results$ICC[2]), R.version$major, R.version$minor, as.character(packageVersion("psych")), "\n")
"""


def ours(folder):
    command = ["cargo", "bench", "--bench", "agreement", "--", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    lines = re.findall(r"^(.*?)\s+([\d.]+) ms\s+(-?[\d.]+)$", done.stdout, re.M)
    return {what: (float(ms), float(value)) for what, ms, value in lines}


def theirs_r(folder):
    done = subprocess.run(["Rscript", "-e", R, str(folder / "small.csv")], capture_output=True, text=True, check=True)
    seconds, value, *versions = done.stdout.split()
    return (float(seconds) * 1e3, float(value)), versions


def theirs_python(folder):
    import krippendorff
    import numpy

    ratings = numpy.genfromtxt(folder / "middle.csv", delimiter=",", skip_header=1).T
    found = {}
    for metric in METRICS:
        # Ratios need a natural zero.
        data = ratings + 3 if metric == "ratio" else ratings
        best = float("inf")
        for _ in range(11):
            start = time.perf_counter()
            alpha = krippendorff.alpha(reliability_data=data, level_of_measurement=metric)
            best = min(best, time.perf_counter() - start)
        found[metric] = (best * 1e3, float(alpha))
    return found


def main():
    from importlib.metadata import version

    turns = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mine, r, python = [], [], []
        for _ in range(turns):
            mine.append(ours(folder))
            found, versions = theirs_r(folder)
            r.append(found)
            python.append(theirs_python(folder))
    own = {what: statistics.median(turn[what][0] for turn in mine) for what in mine[0]}
    value = {what: mine[0][what][1] for what in mine[0]}
    psych = statistics.median(found[0] for found in r)
    peer = {metric: statistics.median(turn[metric][0] for turn in python) for metric in METRICS}
    six = "icc, six forms with limits, 1 000 units"
    of = lambda metric: f"krippendorff {metric}, 10 000 units"
    text = [
        f"{machine()}. R {versions[0]}.{versions[1]}, Python {platform.python_version()}. Five raters, −3 to 3. Median of {turns} turns, each the best of a few runs; one core.",
        "",
        "| | alliance | peer | times slower | coefficient | peer's less ours |",
        "|:---|---:|---:|---:|---:|---:|",
        f"| {six} | {own[six]:.3f} ms | psych {versions[2]}: {psych:.0f} ms | {psych / own[six]:.0f} | {value[six]:.6f} | {r[0][1] - value[six]:.0e} |",
    ]
    for metric in METRICS:
        what = of(metric)
        text.append(
            f"| {what} | {own[what]:.3f} ms | krippendorff {version('krippendorff')}: {peer[metric]:.1f} ms | {peer[metric] / own[what]:.0f} | {value[what]:.6f} | {python[0][metric][1] - value[what]:.0e} |"
        )
    for what in own:
        if what != six and what not in map(of, METRICS):
            text.append(f"| {what} | {own[what]:.1f} ms | | | {value[what]:.6f} | |")
    text += ["", "| bound | asked | measured | |", "|:---|---:|---:|:---|"]
    bound = lambda what, asked, measured, met: text.append(f"| {what} | {asked} | {measured} | {'met' if met else 'missed'} |")
    draws = own["krippendorff ordinal, 10 000 units, 2 000 draws"]
    bound("Krippendorff's alpha with 2 000 draws, 10 000 units", "< 1 s", f"{draws / 1e3:.2f} s", draws < 1e3)
    large = own["icc, six forms with limits, 100 000 units"]
    bound("ICC of 100 000 units", "< 100 ms", f"{large:.1f} ms", large < 100)
    bound("ICC of 1 000 units: as fast as psych", "≥ 100 ×", f"{psych / own[six]:.0f} ×", psych / own[six] >= 100)
    least = min(peer[metric] / own[of(metric)] for metric in METRICS)
    bound("Krippendorff's alpha: as fast as krippendorff, the least of four", "≥ 20 ×", f"{least:.0f} ×", least >= 20)
    write(__file__, "agreement", text)


if __name__ == "__main__":
    main()
