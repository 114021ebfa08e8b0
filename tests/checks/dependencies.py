"""Checks every dependency's licence, and that crates import only from the floors below them.

    dependencies.py

Reads `cargo metadata` of the workspace. Exits 1 and names each fault.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys

# Licences that ask for no more than their text.
ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
}

# Packages whose licence was read by a person: stated in a file alone, or asking for a credit that only those who ship
# the package owe. The encoder makes pictures for tests and is no part of the program.
REVIEWED = {"language-tokenizer": "WTFPL", "jpeg-encoder": "(MIT OR Apache-2.0) AND IJG"}

# What each crate may use of the workspace; `sim` and `facegen` stand beside the others.
FLOORS = {
    "bedside-media": set(),
    "bedside-protocol": set(),
    "bedside-conversation": {"bedside-protocol"},
    "bedside-inference": set(),
    "bedside-vitals": set(),
    "bedside-speech": {"bedside-inference", "bedside-media"},
    "bedside-sight": {"bedside-inference", "bedside-media"},
    "bedside-footage": {"bedside-media"},
    "bedside-providers": {
        "bedside-conversation",
        "bedside-inference",
        "bedside-media",
        "bedside-sight",
        "bedside-speech",
        "bedside-vitals",
    },
    "bedside-engine": {"bedside-media", "bedside-protocol", "bedside-conversation", "bedside-providers"},
    "bedside-web": set(),
    "bedside-server": {"bedside-protocol", "bedside-engine", "bedside-web"},
    "bedside-sim": {"bedside-conversation", "bedside-protocol"},
    "bedside-facegen": {"bedside-media"},
}

# Time, threads and sockets must not reach these, directly or through anything else.
PURE = {"bedside-media", "bedside-protocol", "bedside-conversation", "bedside-vitals"}
IMPURE = {"tokio", "mio", "socket2", "rayon"}


def satisfied(expression: str) -> bool:
    """Whether a licence expression can be met with allowed licences alone."""
    expression = expression.replace("/", " OR ")
    tokens = re.findall(r"\(|\)|[^\s()]+", expression)
    position = 0

    def either() -> bool:
        nonlocal position
        result = both()
        while position < len(tokens) and tokens[position] == "OR":
            position += 1
            result = both() or result
        return result

    def both() -> bool:
        nonlocal position
        result = one()
        while position < len(tokens) and tokens[position] == "AND":
            position += 1
            result = one() and result
        return result

    def one() -> bool:
        nonlocal position
        token = tokens[position]
        position += 1
        if token == "(":
            result = either()
            position += 1
            return result
        if position < len(tokens) and tokens[position] == "WITH":
            token = f"{token} WITH {tokens[position + 1]}"
            position += 2
        return token in ALLOWED

    return either()


def main() -> int:
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    metadata = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    ids = {package["name"]: package["id"] for package in metadata["packages"]}

    def used(package_id: str) -> list[str]:
        deps = nodes[package_id]["deps"]
        return [dep["pkg"] for dep in deps if any(kind["kind"] != "dev" for kind in dep["dep_kinds"])]

    faults = []
    for package in packages.values():
        licence = package["license"]
        if package["name"] not in REVIEWED and (licence is None or not satisfied(licence)):
            faults.append(f"{package['name']} {package['version']}: licence {licence!r} is not among the allowed ones")
    for name, allowed in FLOORS.items():
        for dependency in used(ids[name]):
            other = packages[dependency]["name"]
            if other.startswith("bedside") and other not in allowed:
                faults.append(f"{name} uses {other}, which is not below it")
    for name in PURE:
        reached, queue = set(), [ids[name]]
        while queue:
            current = queue.pop()
            if current not in reached:
                reached.add(current)
                queue.extend(used(current))
        for other in sorted(packages[reached_id]["name"] for reached_id in reached):
            if other in IMPURE:
                faults.append(f"{name} reaches {other}, and must be pure")

    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(packages)} packages, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
