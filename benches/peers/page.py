"""The page that every script here writes its tables into: docs/BENCHMARKS.md, each between markers of its own."""

import os
import platform
import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs/BENCHMARKS.md"


def machine():
    """The processor, its cores and the memory; no name of a host."""
    cpu = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    name = re.sub(r"\s+\d+-Core Processor", "", cpu[1].strip()) if cpu else platform.machine()
    return f"{name}, {os.cpu_count()} cores, {round(int(memory[1]) / 2**20)} GiB"


def write(script, name, lines):
    """Puts the lines in the place of those between the markers of a table, and prints them."""
    begin, end = f"<!-- {name}: written by benches/peers/{Path(script).name} -->", f"<!-- end of {name} -->"
    head, rest = PAGE.read_text().split(begin)
    text = "\n".join(lines)
    PAGE.write_text(f"{head}{begin}\n{text}\n{end}{rest.split(end, 1)[1]}")
    print(text, flush=True)
