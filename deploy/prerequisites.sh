#!/usr/bin/env bash
# Installs what building (and with `test`, testing) Bedside needs, where the system has apt and allows it; else names
# the command. Installs nothing that is there already.
#
#     deploy/prerequisites.sh build [test]
set -euo pipefail

packages=()

# need COMMAND PACKAGE...: the first command line that works is enough.
need() {
    local probe=$1
    shift
    bash -c "$probe" >/dev/null 2>&1 || packages+=("$@")
}

need 'cc --version' build-essential
need 'c++ --version' build-essential
need 'cmake --version' cmake
need 'pip --version || pip3 --version || python3 -m pip --version' python3-pip

if [[ " $* " == *" test "* ]]; then
    need 'ffmpeg -version' ffmpeg
    need 'python3 -m venv --help && python3 -m ensurepip --version' python3-venv
    need 'node --version && npm --version' nodejs npm
fi

if ((${#packages[@]} > 0)); then
    mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)
    install=(apt-get install --yes --no-install-recommends "${packages[@]}")
    if ! command -v apt-get >/dev/null; then
        echo "Missing: ${packages[*]} (names of Debian's packages). Install them, then run make again." >&2
        exit 1
    elif ((EUID == 0)); then
        sudo=()
    elif sudo -n true 2>/dev/null; then
        sudo=(sudo -n)
    else
        echo "Missing: ${packages[*]}. Run this, then make again:" >&2
        echo "    sudo ${install[*]}" >&2
        exit 1
    fi
    echo "installing ${packages[*]}"
    "${sudo[@]}" apt-get update --quiet=2
    DEBIAN_FRONTEND=noninteractive "${sudo[@]}" "${install[@]}"
fi

if ! command -v cargo >/dev/null; then
    echo "Missing: Rust 1.95 or later. Install it with rustup (rust-lang.org/tools/install), then run make again." >&2
    exit 1
fi
