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

# Whether a version is one that the tools of the web pages run on.
node_will_do() {
    local oldest=20.19.0
    [[ "$(printf '%s\n' "$oldest" "$1" | sort --version-sort | head -n 1)" == "$oldest" ]]
}

# What apt says about the package it would install; nothing where there is no apt.
candidate() {
    apt-cache show --no-all-versions "$1" 2>/dev/null || true
}

version_of() {
    candidate "$1" | sed -n 's/^Version: \([0-9]*:\)\?//p'
}

need_node() {
    local found
    found=$(node --version 2>/dev/null | tr -d v) || found=
    if [[ -n $found ]] && node_will_do "$found"; then
        need 'npm --version' npm
        return
    fi
    # The lists of a fresh system are empty.
    if [[ -z $(version_of nodejs) ]] && command -v apt-get >/dev/null && ((EUID == 0)); then
        apt-get update --quiet=2
    fi
    if node_will_do "$(version_of nodejs)"; then
        packages+=(nodejs)
        # Some publishers' package of Node holds npm, and refuses Debian's.
        candidate nodejs | grep -Eq '^(Conflicts|Provides):.*\bnpm\b' || packages+=(npm)
        return
    fi
    echo "Missing: Node 20.19 or later, for the web pages (here: ${found:-none}; apt has: $(version_of nodejs | grep . ||
        echo none)). Install it from nodejs.org/en/download, then run make again." >&2
    exit 1
}

need 'cc --version' build-essential
need 'c++ --version' build-essential
need 'cmake --version' cmake
need 'pip --version || pip3 --version || python3 -m pip --version' python3-pip
need_node

if [[ " $* " == *" test "* ]]; then
    need 'ffmpeg -version' ffmpeg
    need 'python3 -m venv --help && python3 -m ensurepip --version' python3-venv
    need 'command -v "${CHROMIUM:-chromium}" chromium-browser google-chrome | grep .' chromium
    need 'valgrind --version' valgrind
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
