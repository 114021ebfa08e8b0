/** The audio part of an item. */
export interface Part {
  itemId: string;
  contentIndex: number;
}

/** How much of a part was played. */
export interface Played extends Part {
  /** Samples handed to the device. */
  samples: number;
  /** Whether that is all there is of it. */
  whole: boolean;
}

export interface PlaybackLimits {
  /** Audio gathered before a part begins, and again after it ran dry, ms: what hides the network's jitter. */
  startMs: number;
  /** The most that waits, ms. Overflow policy: the newest is refused. */
  mostMs: number;
}

/** The server never is more than 400 ms ahead of what has played. */
export const DEFAULT_LIMITS: PlaybackLimits = { startMs: 60, mostMs: 10_000 };

interface Entry {
  part: Part;
  chunks: Float32Array[];
  /** Samples that wait in `chunks`, from `offset` of the first on. */
  waiting: number;
  offset: number;
  played: number;
  ended: boolean;
}

/** What is to be played, part after part, and how much of each has been. */
export class PlaybackQueue {
  readonly #startSamples: number;
  readonly #mostSamples: number;
  readonly #entries: Entry[] = [];
  #waiting = 0;
  #flowing = false;
  #cut = false;
  #underruns = 0;

  /** A queue for samples at `rate` Hz. */
  constructor(rate: number, limits: PlaybackLimits = DEFAULT_LIMITS) {
    this.#startSamples = Math.round((rate * limits.startMs) / 1_000);
    this.#mostSamples = Math.round((rate * limits.mostMs) / 1_000);
  }

  /** Samples that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** How often a part ran dry before its end. */
  get underruns(): number {
    return this.#underruns;
  }

  /** The part being played, or waiting to begin. */
  get current(): Played | undefined {
    const entry = this.#entries[0];
    return entry && played(entry);
  }

  /** Takes more of a part; `false` if there is no room for it. Audio after a cut begins anew. */
  enqueue(part: Part, samples: Float32Array): boolean {
    if (this.#cut) this.#drop();
    if (this.#waiting + samples.length > this.#mostSamples) return false;
    const entry = this.#entry(part);
    entry.chunks.push(samples);
    entry.waiting += samples.length;
    this.#waiting += samples.length;
    return true;
  }

  /** All of a part was enqueued: it plays to its end however short it is. */
  end(part: Part): void {
    const entry = this.#entries.find((entry) => same(entry.part, part));
    if (entry) entry.ended = true;
  }

  /**
   * Fills `out` with what plays next, or with silence. Parts that were played to their end are handed to `finished`.
   */
  render(out: Float32Array, finished: (part: Played) => void): void {
    out.fill(0);
    if (this.#cut) {
      this.#fadeOut(out);
      return;
    }
    let written = 0;
    for (let entry = this.#entries[0]; entry !== undefined; entry = this.#entries[0]) {
      if (entry.waiting === 0 && entry.ended) {
        this.#entries.shift();
        this.#flowing = false;
        finished(played(entry));
        continue;
      }
      if (written === out.length) return;
      if (!this.#flowing && !entry.ended && entry.waiting < this.#startSamples) return;
      this.#flowing = true;
      const taken = take(entry, out.subarray(written));
      this.#waiting -= taken;
      written += taken;
      if (entry.waiting === 0 && !entry.ended && written < out.length) {
        this.#flowing = false;
        this.#underruns += 1;
        return;
      }
    }
  }

  /**
   * Drops everything that waits, and tells what was played of each part. The next quantum fades to silence, so that
   * nothing clicks; it does not count as played.
   */
  clear(): Played[] {
    if (this.#cut) return [];
    const cut = this.#entries.map(played);
    if (this.#flowing) this.#cut = true;
    else this.#drop();
    return cut;
  }

  #entry(part: Part): Entry {
    const last = this.#entries.at(-1);
    if (last && same(last.part, part)) return last;
    // Whatever comes before a new part will get no more.
    if (last) last.ended = true;
    const entry: Entry = { part, chunks: [], waiting: 0, offset: 0, played: 0, ended: false };
    this.#entries.push(entry);
    return entry;
  }

  #fadeOut(out: Float32Array): void {
    const entry = this.#entries[0];
    const length = entry ? take(entry, out) : 0;
    for (let at = 0; at < length; at++) out[at] = (out[at] ?? 0) * (1 - (at + 1) / length);
    this.#drop();
  }

  #drop(): void {
    this.#entries.length = 0;
    this.#waiting = 0;
    this.#flowing = false;
    this.#cut = false;
  }
}

/** Moves samples of an entry to `out`; returns how many. */
function take(entry: Entry, out: Float32Array): number {
  let written = 0;
  for (let chunk = entry.chunks[0]; chunk !== undefined && written < out.length; chunk = entry.chunks[0]) {
    const taken = Math.min(chunk.length - entry.offset, out.length - written);
    out.set(chunk.subarray(entry.offset, entry.offset + taken), written);
    written += taken;
    entry.offset += taken;
    if (entry.offset === chunk.length) {
      entry.chunks.shift();
      entry.offset = 0;
    }
  }
  entry.waiting -= written;
  entry.played += written;
  return written;
}

function played({ part, played, waiting, ended }: Entry): Played {
  return { ...part, samples: played, whole: ended && waiting === 0 };
}

function same(a: Part, b: Part): boolean {
  return a.itemId === b.itemId && a.contentIndex === b.contentIndex;
}
