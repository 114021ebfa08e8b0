"""Checks every dependency's licence, that crates import only from the floors below them, and that there is one TLS stack.

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
    # What any client would see: never the engine.
    "bedside-load": {"bedside-media"},
    # Vendors with real ears and voices; never the adapters that are tested against them.
    "bedside-emulators": {"bedside-inference", "bedside-media", "bedside-speech"},
}

# Time, threads and sockets must not reach these, directly or through anything else.
PURE = {"bedside-media", "bedside-protocol", "bedside-conversation", "bedside-vitals"}
IMPURE = {"tokio", "mio", "socket2", "rayon"}

# Each is a TLS stack or the cryptography of one. The program has rustls once, on one of its two libraries.
TLS = {"rustls"}
TLS_CRYPTOGRAPHY = {"aws-lc-rs", "ring", "rustls-openssl", "rustls-rustcrypto"}
OTHER_TLS = {"native-tls", "openssl", "openssl-sys", "boring", "boring-sys", "s2n-tls", "s2n-tls-sys", "schannel"}

# Where the program is run.
PLATFORMS = ("x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "aarch64-apple-darwin")


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


def cargo_output(*arguments: str) -> str:
    return subprocess.run(["cargo", *arguments], check=True, capture_output=True, text=True).stdout


def tls_faults(platform: str, versions: dict[str, set[str]]) -> list[str]:
    """What is wrong with the TLS stacks among the packages of a build (versions by name)."""
    faults = []
    stacks = sorted(f"{name} {version}" for name in TLS for version in versions.get(name, ()))
    if len(stacks) > 1:
        faults.append(f"more than one TLS stack: {', '.join(stacks)}")
    libraries = sorted(f"{name} {version}" for name in TLS_CRYPTOGRAPHY for version in versions.get(name, ()))
    if len(libraries) > 1:
        faults.append(f"more than one library of cryptography for TLS: {', '.join(libraries)}")
    others = sorted(OTHER_TLS & versions.keys())
    if others:
        faults.append(f"another TLS stack than rustls: {', '.join(others)}")
    return [f"{platform}: {fault}" for fault in faults]


def built_packages(platform: str, *features: str) -> dict[str, set[str]]:
    """The versions of each package that a build of the program takes; `cargo metadata` also lists what it never builds."""
    arguments = ["--locked", "-p", "bedside", "-e", "normal,build", "--prefix", "none", "-f", "{p}"]
    lines = cargo_output("tree", *arguments, "--target", platform, *features).splitlines()
    versions: dict[str, set[str]] = {}
    for line in filter(None, lines):
        name, version = line.split()[:2]
        versions.setdefault(name, set()).add(version)
    return versions


def main() -> int:
    metadata = json.loads(cargo_output("metadata", "--locked", "--format-version", "1"))
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

    for platform in PLATFORMS:
        faults += tls_faults(platform, built_packages(platform))
    without_aws = built_packages(PLATFORMS[0], "--no-default-features")
    left = sorted(name for name in without_aws if name.startswith(("aws-sdk-", "aws-config", "aws-smithy-")))
    if left:
        faults.append(f"built without the feature `aws` as well: {', '.join(left)}")

    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(packages)} packages, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
