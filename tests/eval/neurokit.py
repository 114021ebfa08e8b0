"""Heart rate variability and breath against NeuroKit2, on the same pulse waves.

    python neurokit.py WAVE_FIGURES [WAVE.csv:COLUMN:RATE ...]

WAVE_FIGURES is the program of that name (`cargo build -p bedside-vitals --example wave_figures`). Waves are simulated, by
NeuroKit2 itself and with breath that sways the intervals, heights and level of beats; recorded ones may be added. Both
sides get the same samples. Prints Markdown; fails where RMSSD or SDNN differ by more than 2 %, breath by more than 0.5 a
minute, or breath is not found where there is some.
"""

import argparse
import subprocess
import sys

import neurokit2 as nk
import numpy as np
import pandas as pd

RATE = 1_000


def breathing_wave(seconds, heart_bpm, breaths, seed):
    """Beats whose intervals, heights and level follow a simulated respiration; the notch as in NeuroKit2's own."""
    rng = np.random.default_rng(seed)
    breath = nk.rsp_simulate(
        duration=seconds + 5, sampling_rate=RATE, respiratory_rate=breaths, noise=0, method="sinusoidal"
    )
    breath = (breath - breath.mean()) / breath.std()
    at, onsets = 0.2, []
    while at < seconds:
        onsets.append(at)
        at += 60 / heart_bpm * (1 + 0.03 * breath[int(at * RATE)]) + rng.normal(0, 0.008)
    time = np.arange(seconds * RATE) / RATE
    wave = 0.15 * breath[: len(time)]
    for onset, following in zip(onsets, onsets[1:]):
        span = following - onset
        height = 1 + 0.08 * breath[int(onset * RATE)]
        for place, width, part in ((0.3, 0.09, 1.0), (0.6, 0.12, 0.35)):
            wave += height * part * np.exp(-0.5 * ((time - onset - place * span) / (width * span)) ** 2)
    return wave + rng.normal(0, 0.002, len(wave))


def theirs(wave, rate):
    signals, _ = nk.ppg_process(wave, sampling_rate=rate)
    peaks = signals["PPG_Peaks"]
    figures = nk.hrv_time(peaks, sampling_rate=rate)
    breath, _ = nk.rsp_process(nk.ecg_rsp(signals["PPG_Rate"], sampling_rate=rate), sampling_rate=rate)
    return int(peaks.sum()), figures["HRV_RMSSD"].iloc[0], figures["HRV_SDNN"].iloc[0], breath["RSP_Rate"].mean()


def ours(program, wave, rate):
    lines = "\n".join(f"{value:.9f}" for value in wave)
    done = subprocess.run([program, str(rate)], input=lines, capture_output=True, text=True, check=True)
    beats, rmssd, sdnn, breath = done.stdout.strip().split(",")
    try:
        return int(beats), float(rmssd), float(sdnn), float(breath)
    except ValueError:
        return int(beats), float(rmssd), float(sdnn), None


def waves(recorded):
    """Name, samples, rate, breaths a minute (None where there are none or nobody knows)."""
    for seed, (heart, spread) in enumerate([(55, 0.05), (70, 0.1), (85, 0.2), (110, 0.08)]):
        wave = nk.ppg_simulate(
            duration=60, sampling_rate=RATE, heart_rate=heart, ibi_randomness=spread, motion_amplitude=0,
            powerline_amplitude=0, frequency_modulation=0, random_state=seed,
        )
        yield f"NeuroKit2, {heart}/min", wave, RATE, None
    # NeuroKit2 looks for breath in the rate of the heart between 6 and 24 a minute.
    for seed, (heart, breaths) in enumerate([(62, 9), (72, 12), (72, 15), (85, 18), (95, 21)]):
        yield f"breath {breaths}/min, heart {heart}/min", breathing_wave(60, heart, breaths, seed), RATE, breaths
    for argument in recorded:
        path, column, rate = argument.rsplit(":", 2)
        yield f"recorded: {column}", pd.read_csv(path)[column].dropna().to_numpy(), float(rate), None


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("recorded", nargs="*")
    arguments = arguments.parse_args()

    failed = False
    print("| wave | beats | RMSSD ms | SDNN ms | difference | breaths/min | true |\n|---|---|---|---|---|---|---|")
    for name, wave, rate, breaths in waves(arguments.recorded):
        mine, other = ours(arguments.program, wave, rate), theirs(wave, rate)
        apart = [abs(mine[i] / other[i] - 1) for i in (1, 2)]
        failed |= max(apart) > 0.02
        rows = [f"{mine[0]} / {other[0]}", f"{mine[1]:.1f} / {other[1]:.1f}", f"{mine[2]:.1f} / {other[2]:.1f}"]
        rows.append(f"{apart[0]:.2%}, {apart[1]:.2%}")
        if breaths is None:
            rows += [f"{mine[3] or 'refused'}", ""]
        else:
            failed |= mine[3] is None or abs(mine[3] - other[3]) > 0.5
            rows += [f"{mine[3] or float('nan'):.2f} / {other[3]:.2f}", str(breaths)]
        print(f"| {name} | " + " | ".join(rows) + " |")
    print("\nOurs / NeuroKit2", nk.__version__)
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
