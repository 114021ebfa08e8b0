/** The times a browser gives with a video frame. */
export interface FrameTimes {
  /** When the camera took it, ms of `performance.now()`; not every browser tells. */
  captureTime?: number;
  /** On the stream's own clock, s. */
  mediaTime: number;
}

/**
 * Capture times for the frames of one camera, whole microseconds, strictly rising. All come from one of the browser's
 * clocks, the one the first frame had: rates are reckoned by them, and a change of clock would be a leap.
 */
export class FrameClock {
  #source: "captureTime" | "mediaTime" | undefined;
  #last = -1;

  /** The time of a frame, or `undefined` if it is one that was seen already or has no time. */
  read(times: FrameTimes): number | undefined {
    this.#source ??= times.captureTime === undefined ? "mediaTime" : "captureTime";
    const us = this.#source === "mediaTime" ? times.mediaTime * 1e6 : (times.captureTime ?? Number.NaN) * 1e3;
    const time = Math.round(us);
    if (!(time > this.#last)) return undefined;
    this.#last = time;
    return time;
  }
}
