"""Heart rates of scans against a contact sensor, over every window of 10 s.

    python vitals_error.py READINGS REFERENCES [--mean 0.8] [--worst 2]

READINGS is a folder of tables as `scan_means` and `bedside scan` write them, with the columns seconds, window and bpm (a
word where it is absent). REFERENCES is a folder of tables with the columns seconds and ppg; `CLIP_anything.csv` is held
against `CLIP.csv`. Readings without a reference are negatives: every number in them is an error. Prints Markdown. Fails
where a limit is passed, or where more than 1 % of the windows of all negatives gave a number.
"""

import argparse
import csv
import sys
from pathlib import Path

import numpy as np
from scipy.signal import butter, detrend, sosfiltfilt

RATE = 60.0
BAND = butter(2, [0.65, 3.5], "band", fs=RATE, output="sos")


def table(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def reference_bpm(seconds, ppg, end, window):
    """The strongest line of the contact wave between 39 and 210 beats a minute."""
    grid = np.arange(end - window, end, 1 / RATE)
    wave = sosfiltfilt(BAND, detrend(np.interp(grid, seconds, ppg)))
    power = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), 2**15)) ** 2
    bpm = np.fft.rfftfreq(2**15, 1 / RATE) * 60
    heart = (bpm >= 39) & (bpm <= 210)
    return bpm[heart][power[heart].argmax()]


def number(text):
    try:
        return float(text)
    except ValueError:
        return None


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("readings", type=Path)
    arguments.add_argument("references", type=Path)
    arguments.add_argument("--mean", type=float, default=float("inf"))
    arguments.add_argument("--worst", type=float, default=float("inf"))
    arguments = arguments.parse_args()

    failed = False
    given_to_negatives, negatives = 0, 0
    print("| scan | windows | coverage | mean error | worst |\n|---|---|---|---|---|")
    for path in sorted(arguments.readings.glob("*.csv")):
        stable = [row for row in table(path) if float(row["window"]) >= 10]
        given = [(float(row["seconds"]), number(row["bpm"])) for row in stable if number(row["bpm"]) is not None]
        share = f"{len(given) / max(len(stable), 1):.1%}"
        known = arguments.references / f"{path.stem.split('_')[0]}.csv"
        if not known.exists():
            given_to_negatives += len(given)
            negatives += len(stable)
            print(f"| {path.stem} | {len(stable)} | {share} | | |")
            continue
        rows = table(known)
        seconds, ppg = (np.array([float(row[name]) for row in rows]) for name in ("seconds", "ppg"))
        errors = [abs(bpm - reference_bpm(seconds, ppg, end, 10)) for end, bpm in given] or [float("nan")]
        mean, worst = np.mean(errors), np.max(errors)
        failed |= not (mean <= arguments.mean and worst <= arguments.worst)
        print(f"| {path.stem} | {len(stable)} | {share} | {mean:.2f} | {worst:.2f} |")
    if negatives:
        print(f"\nNegatives: a number in {given_to_negatives} of {negatives} windows.")
        failed |= given_to_negatives > 0.01 * negatives
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
