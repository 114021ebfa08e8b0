import type { VitalsEvent } from "../wire/vitals.js";

/** A gap of more than this between two pieces begins the wave anew, s. */
const TOLERATED_GAP = 0.5;

type Waveform = Extract<VitalsEvent, { type: "vitals.waveform" }>;

/** The last seconds of the pulse wave, evenly spaced, for a chart. */
export class PulseWave {
  readonly #seconds: number;
  #scanId: string | undefined;
  #rate = 0;
  #endUs = 0;
  #samples = new Float32Array(0);

  /** Keeps `seconds` of it; the oldest goes first. */
  constructor(seconds = 12) {
    this.#seconds = seconds;
  }

  /** Oldest first. A new array after every change. */
  get samples(): Float32Array {
    return this.#samples;
  }

  /** Hz; zero before the first piece. */
  get sampleRate(): number {
    return this.#rate;
  }

  /** Capture time just after the last sample, µs. */
  get endUs(): number {
    return this.#endUs;
  }

  /** Appends a piece. Another scan, rate or a gap in time begins the wave anew, for it would show beats where none were. */
  push({ scan_id, sample_rate, capture_time_us, samples }: Waveform): void {
    if (samples.length === 0 || !(sample_rate > 0)) return;
    const gap = Math.abs(capture_time_us - this.#endUs) / 1e6;
    const follows = scan_id === this.#scanId && sample_rate === this.#rate && gap <= TOLERATED_GAP;
    const before = follows ? this.#samples : new Float32Array(0);
    const most = Math.round(this.#seconds * sample_rate);
    const all = new Float32Array(before.length + samples.length);
    all.set(before);
    all.set(samples, before.length);
    this.#samples = all.slice(Math.max(0, all.length - most));
    this.#scanId = scan_id;
    this.#rate = sample_rate;
    this.#endUs = capture_time_us + (samples.length / sample_rate) * 1e6;
  }
}
