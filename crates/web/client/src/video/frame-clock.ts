/** The times a browser gives with a video frame. */
export interface FrameTimes {
  /** When the camera took it, ms of `performance.now()`; not every browser tells. */
  captureTime?: number;
  /** On the stream's own clock, s. */
  mediaTime: number;
}

/** Farther from the page's clock than this, the stream's own clock was begun anew, as where another camera was chosen, ms. */
const ASTRAY = 1_000;

/**
 * Capture times for the frames of one camera: whole microseconds of the page's monotonic clock, as the microphone's are,
 * strictly rising. All come from one of the browser's clocks, the one the first frame had: rates are reckoned by them, and
 * a change of clock would be a leap.
 */
export class FrameClock {
  #source: "captureTime" | "mediaTime" | undefined;
  /** What the stream's own clock is behind the page's, ms. */
  #behind: number | undefined;
  #last = -1;

  /**
   * The time of a frame, or `undefined` if it is one that was seen already or has no time. `now` is when it is looked
   * at, ms of `performance.now()`.
   */
  read(times: FrameTimes, now: number): number | undefined {
    this.#source ??= times.captureTime === undefined ? "mediaTime" : "captureTime";
    const ms = this.#source === "captureTime" ? times.captureTime : this.#onPageClock(times.mediaTime * 1e3, now);
    const time = Math.round((ms ?? Number.NaN) * 1e3);
    if (!(time > this.#last)) return undefined;
    this.#last = time;
    return time;
  }

  #onPageClock(ms: number, now: number): number {
    if (this.#behind === undefined || Math.abs(ms + this.#behind - now) > ASTRAY) this.#behind = now - ms;
    return ms + this.#behind;
  }
}
