"""Times the report on a large study, and writes the table into docs/BENCHMARKS.md.

    python3 benches/peers/report.py [TURNS]              # builds the program with `cargo build --release` first

A study of 1 000 people, 36 items, three informants and four sessions is simulated from a seed. Each line is a whole run
of the program: start, reading, computing, writing the page. The median over turns counts.
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from page import machine, write

ROOT = Path(__file__).resolve().parents[2]
PEOPLE, ITEMS, SESSIONS = 1000, 36, 4
ROLES = ["caregiver", "worker", "observer"]
FAST = "sample,items,normality,scales,reliability,agreement,over_time"

DEFINITION = """schema = "alliance-instrument/1"
[instrument]
id = "three_views"
edition = "simulated"
revision = 1
title = { en = "Three views, 36 items" }
construct = "working alliance"
[instrument.rights]
access = "public"
[[source]]
id = "made"
cite = "Simulated."
[[responses]]
id = "seven"
min = 1
max = 7
step = 1
kind = "ordinal"
"""


def definition(folder):
    """A definition with three scales of twelve items and a total, for three informants."""
    text = DEFINITION
    for role in ROLES:
        text += f'[[form]]\nid = "{role}"\nresponses = "seven"\nroles = ["{role}"]\n'
    for item in range(1, ITEMS + 1):
        text += f'[[item]]\nid = "i{item:02}"\ncolumns = ["q_{item}"]\n'
    scales = {name: range(start, ITEMS + 1, 3) for start, name in enumerate(["bond", "task", "goal"], 1)}
    scales["total"] = range(1, ITEMS + 1)
    for name, items in scales.items():
        listed = ", ".join(f'"i{item:02}"' for item in items)
        text += f'[[scale]]\nid = "{name}"\ntitle = {{ en = "{name.title()}" }}\nitems = [{listed}]\n'
        text += f'score = "mean"\nmin_answered = {len(items)}\nrange = {{ seven = [1, 7] }}\nevidence = "verified"\nsource = "made"\n'
    (folder / "three_views.toml").write_text(text)
    cases = 'schema = "alliance-cases/1"\ninstrument = "three_views"\n'
    for role in ROLES:
        for name, value in (("minimum", 1), ("maximum", 7)):
            scores = ", ".join(f"{scale} = {value}" for scale in scales)
            cases += f'[[case]]\nname = "all at the {name}"\nform = "{role}"\n'
            cases += f'answers = "{" ".join([str(value)] * ITEMS)}"\nscores = {{ {scores} }}\n'
    (folder / "three_views.cases.toml").write_text(cases)


def answers(folder):
    draw = random.Random(1)
    lines = ["dyad,role,session," + ",".join(f"q_{item}" for item in range(1, ITEMS + 1))]
    loadings = [0.5 + 0.4 * draw.random() for _ in range(ITEMS)]
    for dyad in range(PEOPLE):
        common = draw.gauss(0, 0.7)
        own = {role: [draw.gauss(0, 0.6) for _ in range(3)] for role in ROLES}
        for session in range(1, SESSIONS + 1):
            for role in ROLES:
                swing = draw.gauss(0, 0.4)
                row = []
                for item in range(ITEMS):
                    value = loadings[item] * (common + own[role][item % 3] + swing + 0.1 * session)
                    value = round(4.5 + value + draw.gauss(0, 0.9))
                    row.append("" if draw.random() < 0.005 else str(min(7, max(1, value))))
                lines.append(f"F{dyad},{role},{session}," + ",".join(row))
    (folder / "answers.csv").write_text("\n".join(lines) + "\n")


def run(folder, *more):
    output = folder / "report.html"
    start = time.perf_counter()
    subprocess.run(
        [ROOT / os.environ.get("ALLIANCE", "target/release/alliance"), "report", "three_views.toml", "answers.csv", "-o", output, *more],
        cwd=folder, check=True, capture_output=True,
    )
    return time.perf_counter() - start, output.stat().st_size


def main():
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    if "ALLIANCE" not in os.environ:
        subprocess.run(["cargo", "build", "--release", "--bin", "alliance"], cwd=ROOT, check=True)
    tasks = {
        "sample, items, normality, scales, reliability, agreement, over time": (["--blocks", FAST], "2 s"),
        "every block, mixed models and simulations included": ([], "15 s"),
    }
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        definition(folder)
        answers(folder)
        for task, (more, bound) in tasks.items():
            found = [run(folder, *more) for _ in range(turns)]
            size = found[0][1] / 2**20
            rows.append(f"| {task} | {statistics.median(time for time, _ in found):.2f} s | {bound} | {size:.2f} MiB |")
    rows_in_all = PEOPLE * len(ROLES) * SESSIONS
    lines = [
        f"{machine()}; {PEOPLE} people, {len(ROLES)} informants, {SESSIONS} sessions, {ITEMS} items: {rows_in_all} rows. Median of {turns} whole runs.",
        "",
        "| blocks | time | bound | page (bound 2 MiB) |",
        "|:---|---:|---:|---:|",
    ]
    write(__file__, "report", lines + rows)


if __name__ == "__main__":
    main()
