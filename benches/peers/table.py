"""Medians of the repeats, and the table of them."""

from __future__ import annotations

from statistics import linear_regression, median
from typing import Any

# Above this the generator, not the server, may be what was measured.
LATE_MS = 1.0
# Below this a server falls behind.
KEEPS_UP = 0.98
# Work of others at the start, in cores, that makes figures noise.
NOISE = 0.5

MEDIANS = (
    "cpu_ms_per_session_second",
    "server_busy",
    "kept_up",
    "idle_mib",
    "resident_mib",
    "round_trip_p50_ms",
    "round_trip_p99_ms",
    "generator_late_p99_ms",
    "generator_busy",
)


def summarise(cells: dict[tuple[str, int], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """One row for each server and number of sessions: medians of the repeats, sums of what went wrong, and ratios."""
    rows = [row(name, sessions, runs) for (name, sessions), runs in cells.items()]
    cpu = {(row["server"], row["sessions"]): row["cpu_ms_per_session_second"] for row in rows}
    for entry in rows:
        for base in ("bare", "bedside"):
            against = cpu.get((base, entry["sessions"]))
            own = entry["cpu_ms_per_session_second"]
            entry[f"cpu_times_{base}"] = own / against if own and against else None
    return rows


def row(name: str, sessions: int, runs: list[dict[str, Any]]) -> dict[str, Any]:
    def middle(key: str) -> float | None:
        known = [run[key] for run in runs if run[key] is not None]
        return median(known) if known else None

    figures: dict[str, Any] = {key: middle(key) for key in MEDIANS}
    figures |= {key: sum(run[key] for run in runs) for key in ("sent", "lost", "wrong")}
    figures["valid"] = figures["generator_late_p99_ms"] <= LATE_MS
    return {"server": name, "sessions": sessions, "repeats": len(runs), **figures}


def memory(rows: list[dict[str, Any]]) -> tuple[float, float | None]:
    """A server's memory without sessions and for each, by least squares, in MiB."""
    counts = [row["sessions"] for row in rows]
    resident = [row["resident_mib"] for row in rows]
    if len(rows) < 2:
        return resident[0], None
    slope, base = linear_regression(counts, resident)
    return base, slope


def markdown(rows: list[dict[str, Any]], about: dict[str, Any], failures: list[str]) -> str:
    """The tables, with what they rest on."""
    order = list(dict.fromkeys(row["server"] for row in rows))
    lines = [
        "# Echo of 20 ms frames of PCM16 at 16 kHz, in real time",
        "",
        f"{about['processor']}, Linux {about['kernel']}; the server on one core, the generator on another"
        + (", both under real-time priority" if about["realtime"] else "")
        + f". Medians of {about['repeats']} repeats of {about['seconds']} s. Bedside is `{about['bedside']}`; peers: "
        + ", ".join(f"{name} {version}" for name, version in about["versions"].items())
        + ".",
        "",
    ]
    if about["load_before"] > NOISE:
        lines += [f"**The machine was not idle (load {about['load_before']:.1f}): absolute figures are noise.**", ""]
    lines += [
        "| server | sessions | CPU, ms a session-second | × bare | × Bedside | round trip p50 / p99, ms | lost |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for entry in sorted(rows, key=lambda row: (order.index(row["server"]), row["sessions"])):
        lines.append(line(entry))
    lines += ["", "| server | memory without sessions, MiB | KiB a session |", "|---|---:|---:|"]
    for name in order:
        base, slope = memory([row for row in rows if row["server"] == name])
        lines.append(f"| {name} | {base:.1f} | {number(slope and slope * 1024, 0)} |")
    notes = []
    if any(not row["valid"] for row in rows):
        notes.append("† The generator was late and sent in bursts: neither round trip nor CPU is the server's alone.")
    if any(row["kept_up"] < KEEPS_UP for row in rows):
        notes.append("‡ The server fell behind: CPU is that of the frames it echoed, and delay grows with the run.")
    notes += [f"Failed: {failure.splitlines()[0]}" for failure in failures]
    for note in notes:
        lines += ["", note]
    return "\n".join(lines) + "\n"


def line(entry: dict[str, Any]) -> str:
    marks = ("" if entry["valid"] else " †") + (" ‡" if entry["kept_up"] < KEEPS_UP else "")
    trip = f"{number(entry['round_trip_p50_ms'], 2)} / {number(entry['round_trip_p99_ms'], 2)}{marks}"
    lost = f"{100 * entry['lost'] / entry['sent']:.2f} %" if entry["lost"] else "0"
    if entry["wrong"]:
        lost += f", {entry['wrong']} wrong"
    columns = [
        entry["server"],
        str(entry["sessions"]),
        number(entry["cpu_ms_per_session_second"], 2),
        number(entry["cpu_times_bare"], 2),
        number(entry["cpu_times_bedside"], 2),
        trip,
        lost,
    ]
    return f"| {' | '.join(columns)} |"


def number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
