#!/usr/bin/env python3
"""Which figures did a change move? Two builds of the program run over the same files; what they print is compared.

    python3 tools/numbers.py OLD_PROGRAM NEW_PROGRAM [--tolerance 1e-12] [--only WORD]

Each command below is run by both builds with --format json, in the root of the project. Every number of `results` has a
path, such as `reliability/scales[task,caregiver]/alpha/estimate`; printed are the numbers that moved, that are gone, and
that are new (counted; --new lists them). CHANGELOG, "Numbers that changed", is written from this. Exit code 1 if a number
moved or is gone. Needs Python 3 alone.
"""

import argparse
import json
import math
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STUDY = "examples/child_protection/answers.csv"
EVENTS = "examples/child_protection/tensions.csv"
BFI = ["tests/cli/bfi.toml", "tests/reference/data/bfi.csv", "--form", "self"]

COMMANDS = {
    "score": ["score", "wai_s", STUDY],
    "check": ["check", "wai_s", STUDY],
    "explain": ["explain", "wai_s", STUDY, "--where", "dyad=4,session=6"],
    "reliability": ["reliability", "wai_s", STUDY],
    "reliability_all": ["reliability", "wai_s", STUDY, "--occasion", "all"],
    "reliability_bfi": ["reliability", *BFI],
    "items": ["items", "wai_s", STUDY],
    "items_bfi": ["items", *BFI],
    "quality": ["quality", "wai_s", STUDY],
    "sessions": ["sessions", "wai_s", STUDY, "--events", EVENTS],
    "change": ["change", "wai_s", STUDY],
    "retest": ["retest", "wai_s", STUDY, "--occasions", "1,2"],
    "dyads": ["dyads", "wai_s", STUDY],
    "nested": ["nested", "wai_s", STUDY],
    "growth": ["growth", "wai_s", STUDY],
    "validity": ["validity", "wai_s", STUDY, "--with", "feedback"],
}
# What names an entry of a list, so that a new entry does not shift the paths of the others.
NAMES = ("instrument", "scale", "item", "form", "role", "group", "dyad", "model", "term", "rule", "code", "lag", "session",
         "occasion", "id")


def name_of(entry, at):
    if not isinstance(entry, dict):
        return str(at)
    named = [str(entry[key]) for key in NAMES if isinstance(entry.get(key), (str, int, float))]
    return ",".join(named) or str(at)


def numbers(value, path, found):
    """Every number and every null below a value, by its path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            numbers(inner, f"{path}/{key}", found)
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            place = f"{path}[{name_of(inner, at)}]"
            numbers(inner, place if place not in found else f"{path}[{at}]", found)
    elif value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        found[path] = value


def run(program, arguments):
    command = [program, *arguments, "--format", "json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    # `score` writes scores to standard output and its report to standard error.
    report = next((text for text in (done.stdout, done.stderr) if text.startswith("{")), None)
    if report is None:
        return None
    found = {}
    numbers(json.loads(report).get("results", {}), "", found)
    return found


def moved(old, new, tolerance):
    if old is None or new is None:
        return old is not new
    return not math.isclose(old, new, rel_tol=tolerance, abs_tol=tolerance)


def main():
    parser = argparse.ArgumentParser(description="Which figures did a change move?")
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--tolerance", type=float, default=1e-12)
    parser.add_argument("--only", default="", help="only the commands whose name holds this word")
    parser.add_argument("--new", dest="list_new", action="store_true", help="list new numbers too")
    asked = parser.parse_args()
    old_program, new_program = (str(Path(p).resolve()) for p in (asked.old, asked.new))
    changed = compared = 0
    for name, arguments in COMMANDS.items():
        if asked.only not in name:
            continue
        old, new = run(old_program, arguments), run(new_program, arguments)
        if old is None or new is None:
            which = " and ".join(which for which, run_ in (("old", old), ("new", new)) if run_ is None)
            print(f"{name}: not in the {which} build, or it failed there")
            continue
        gone = [path for path in old if path not in new]
        fresh = [path for path in new if path not in old]
        both = [path for path in old if path in new]
        compared += len(both)
        moves = [path for path in both if moved(old[path], new[path], asked.tolerance)]
        print(f"{name}: {len(both)} numbers compared, {len(moves)} moved, {len(gone)} gone, {len(fresh)} new")
        for path in moves:
            print(f"  moved  {name}{path}: {old[path]} -> {new[path]}")
        for path in gone:
            print(f"  gone   {name}{path}: {old[path]}")
        for path in fresh if asked.list_new else []:
            print(f"  new    {name}{path}: {new[path]}")
        changed += len(moves) + len(gone)
    print(f"{compared} numbers compared, {changed} moved or gone")
    return 1 if changed or not compared else 0


if __name__ == "__main__":
    sys.exit(main())
