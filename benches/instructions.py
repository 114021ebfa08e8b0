"""Counts the instructions of the hot path under callgrind and holds them against the last landed figures.

    instructions.py PROGRAM KEPT [--update]

PROGRAM is the example `instructions` of the benches; callgrind's profiles are kept in the folder KEPT. Exits 1 if
anything takes 5 % more than its figure in instructions.toml says, and names it; `--update` writes the figures instead.
"""

from __future__ import annotations

import argparse
import platform
import re
import subprocess
import sys
import tomllib
from pathlib import Path

FIGURES = Path(__file__).with_name("instructions.toml")
# The function of the program around what is counted.
COUNTED = "*counted_instructions*"
TOLERANCE = 0.05
PROFILE = "dev, incremental"
SECONDS = 120
# Nothing else of the environment: its size moves the stack.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin"}

HEADER = """\
# Instructions of each thing done once, which `make bench-instructions` holds to: 5 % more fails.
# `make bench-instructions UPDATE=1` writes this file.
"""


def output_of(*command: str) -> str:
    run = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, env=ENVIRONMENT)
    if run.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{run.stderr}")
    return run.stdout


def count(program: Path, subject: str, kept: Path) -> int:
    """The instructions of one time."""
    profile = kept / f"{subject}.out"
    times = output_of(
        "valgrind",
        "--tool=callgrind",
        f"--toggle-collect={COUNTED}",
        f"--callgrind-out-file={profile}",
        str(program),
        subject,
    )
    total = re.search(r"^(?:totals|summary): (\d+)$", profile.read_text(), re.MULTILINE)
    if total is None or int(total[1]) == 0:
        sys.exit(f"callgrind counted nothing of {subject}: see {profile}")
    return round(int(total[1]) / int(times))


def circumstances() -> dict[str, str]:
    """What else than our code the counts depend on."""
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout
    return {
        "machine": platform.machine(),
        "profile": PROFILE,
        "rustc": rustc.split()[1],
        "valgrind": output_of("valgrind", "--version").strip().removeprefix("valgrind-"),
        "libc": " ".join(platform.libc_ver()),
    }


def write(here: dict[str, str], counts: dict[str, int]) -> None:
    lines = [HEADER, "[measured]"]
    lines += [f'{name} = "{value}"' for name, value in here.items()]
    lines += ["", "[instructions]"]
    lines += [f"{name} = {value}" for name, value in counts.items()]
    FIGURES.write_text("\n".join(lines) + "\n")


def compare(figures: dict[str, int], counts: dict[str, int]) -> list[str]:
    """Prints a table; what is wrong."""
    faults = []
    for name, now in counts.items():
        figure = figures.get(name)
        if figure is None:
            faults.append(f"{name} has no figure")
            continue
        change = now / figure - 1
        note = ""
        if change > TOLERANCE:
            note = "  TOO MANY"
            faults.append(f"{name} takes {now} instructions, {change:.1%} more than {figure}")
        elif change < -TOLERANCE:
            note = "  fewer: lower the figure"
        print(f"{name:28} {now:>9} {figure:>9} {change:>+7.1%}{note}")
    faults += [f"{name} has a figure and is not counted" for name in figures.keys() - counts.keys()]
    return faults


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program", type=Path)
    arguments.add_argument("kept", type=Path)
    arguments.add_argument("--update", action="store_true")
    given = arguments.parse_args()
    given.kept.mkdir(parents=True, exist_ok=True)

    here = circumstances()
    subjects = output_of(str(given.program)).split()
    counts = {subject: count(given.program, subject, given.kept) for subject in subjects}
    if given.update:
        write(here, counts)
        print(f"wrote {len(counts)} figures to {FIGURES}")
        return 0

    landed = tomllib.loads(FIGURES.read_text())
    there = landed["measured"]
    if here["machine"] != there["machine"]:
        print(f"instructions: not compared, the figures are of {there['machine']} and this is {here['machine']}")
        return 0
    faults = compare(landed["instructions"], counts)
    if not faults:
        print(f"instructions: passed, {len(counts)} subjects")
        return 0
    for fault in faults:
        print(f"instructions: {fault}", file=sys.stderr)
    for name in here:
        if here[name] != there[name]:
            print(f"instructions: {name} was {there[name]} and is {here[name]}", file=sys.stderr)
    print(
        f"instructions: FAILED. `callgrind_annotate {given.kept}/NAME.out` says where they go. If they are worth it:"
        " `make bench-instructions UPDATE=1`",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
