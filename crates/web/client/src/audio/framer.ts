import { toPcm16 } from "../media/pcm.js";

/** One frame of the microphone. */
export interface CapturedFrame {
  /** PCM16, little-endian. */
  pcm: Uint8Array<ArrayBuffer>;
  /** Capture time of the first sample, seconds of the audio clock. */
  time: number;
}

/**
 * Gathers an audio worklet's quanta into frames of equal length. Quanta are of any size; a frame's time is that of its
 * first sample, wherever in a quantum it lies.
 */
export class Framer {
  readonly #frame: Float32Array<ArrayBuffer>;
  readonly #rate: number;
  #filled = 0;
  #time = 0;

  /** Frames of `ms` at `rate` Hz. */
  constructor(rate: number, ms = 20) {
    this.#rate = rate;
    this.#frame = new Float32Array(Math.round((rate * ms) / 1_000));
  }

  /** Takes a quantum whose first sample was captured at `time`; hands every frame it completes to `emit`. */
  push(quantum: Float32Array, time: number, emit: (frame: CapturedFrame) => void): void {
    for (let read = 0; read < quantum.length; ) {
      if (this.#filled === 0) this.#time = time + read / this.#rate;
      const taken = Math.min(quantum.length - read, this.#frame.length - this.#filled);
      this.#frame.set(quantum.subarray(read, read + taken), this.#filled);
      this.#filled += taken;
      read += taken;
      if (this.#filled === this.#frame.length) {
        this.#filled = 0;
        emit({ pcm: toPcm16(this.#frame), time: this.#time });
      }
    }
  }
}
