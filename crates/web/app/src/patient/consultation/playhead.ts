/** How far behind the newest sample the wave is shown when it begins, µs: more than the time between two pieces of it. */
const BEHIND_US = 1_300_000;

/** Further behind than this, it leaps: the page was asleep. */
const MOST_BEHIND_US = 3_000_000;

/** The moment of the wave that is at the right edge: goes on with the clock, though the wave comes in pieces. */
export class Playhead {
  #head: number | undefined;
  #at = 0;

  /** The capture time to show at `now` (ms), when the wave reaches up to `endUs`. */
  at(now: number, endUs: number): number {
    const elapsed = (now - this.#at) * 1_000;
    this.#at = now;
    const head = (this.#head ?? Number.NEGATIVE_INFINITY) + elapsed;
    const lost = head < endUs - MOST_BEHIND_US || head > endUs + MOST_BEHIND_US;
    this.#head = lost ? Math.max(0, endUs - BEHIND_US) : Math.min(head, endUs);
    return this.#head;
  }
}
