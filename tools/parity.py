"""Writes docs/PARITY.md: what the statistics agree with, to how much, measured by the tests against reference values.

    rm -f target/parity.tsv; PARITY_LOG=$PWD/target/parity.tsv cargo test --test all; python3 tools/parity.py target/parity.tsv

Every comparison of a test with a number from outside is logged with its distance (relative to the number, absolute below 1).
`tools/parity.toml` names the statistic, the peer, the tests and which of their comparisons count; the largest distance is what
stands in the page. `tests/parity.rs` holds that every test named on the page exists and that no distance is above its tolerance.
"""

import re
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAD = """# Agreement with other software

What the statistics of this program agree with, written by `tools/parity.py` from the tests against reference values.
*Agrees to* is the largest distance that any comparison found: relative to the number, absolute below 1. *Held to* is the
tolerance at which the test fails. Distances near 5e-13 are those of reference values with twelve digits, near 5e-8 of values
printed with seven. The data are public, made up, or sums published in papers; scripts and versions stand in `tests/reference`
and `tools/reference`. Where a peer is known to be wrong, the right value is held and the difference said.
"""


def one_digit(distance):
    """One significant digit, rounded up."""
    if distance == 0:
        return "0"
    mantissa, exponent = f"{distance:e}".split("e")
    digit, power = int(-(-float(mantissa) // 1)), int(exponent)
    return f"1e{power + 1}" if digit == 10 else f"{digit}e{power}"


def comparisons(log):
    """For each test what it compared, how far apart it was, and at which distance it would fail."""
    seen = defaultdict(list)
    for line in Path(log).read_text().splitlines():
        test, what, off, tolerance = line.split("\t")
        seen[test].append((what, float(off), float(tolerance)))
    return seen


def main(log):
    seen = comparisons(log)
    rows = tomllib.loads((ROOT / "tools/parity.toml").read_text())
    out, used, faults = [HEAD], set(rows["own"]), []
    for section in rows["section"]:
        out += [
            f"## {section['title']}",
            "",
            "| statistic | peer | agrees to | held to | differs, or is not offered there | tests |",
            "|:---|:---|---:|---:|:---|:---|",
        ]
        for row in section["row"]:
            counts = re.compile(row.get("counts", ""), re.IGNORECASE)
            found = []
            for test in row["tests"]:
                of_test = [(off, held) for what, off, held in seen[test] if counts.search(what)]
                if not of_test and row["peer"] != "none":
                    faults.append(f"{row['statistic']}: {test} compared nothing of it")
                found += of_test
                used.add(test)
            if row["peer"] == "none":
                found = []
            agrees = one_digit(max(off for off, _ in found)) if found else "–"
            held = f"{max(held for _, held in found):.0e}".replace("e-0", "e-") if found else "–"
            tests = ", ".join(f"`{test}`" for test in row["tests"])
            out.append(f"| {row['statistic']} | {row['peer']} | {agrees} | {held} | {row.get('differs', '–')} | {tests} |")
        out.append("")
    faults += [f"{test} stands in no row" for test in seen if test.startswith("reference::") and test not in used]
    if faults:
        raise SystemExit("\n".join(faults))
    (ROOT / "docs/PARITY.md").write_text("\n".join(out))


if __name__ == "__main__":
    main(sys.argv[1])
