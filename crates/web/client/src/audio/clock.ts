/** A moment on both clocks, as `AudioContext.getOutputTimestamp` gives it. */
export interface ClockPair {
  /** Seconds of the audio clock. */
  contextTime: number;
  /** Milliseconds of `performance.now()`. */
  performanceTime: number;
}

/** A time of the audio clock, in seconds, as whole microseconds of the page's monotonic clock; never below zero. */
export function toMonotonicUs(audioTime: number, pair: ClockPair): number {
  const ms = pair.performanceTime + (audioTime - pair.contextTime) * 1_000;
  return Math.max(0, Math.round(ms * 1_000));
}
