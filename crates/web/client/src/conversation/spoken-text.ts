import type { Part } from "../playback/queue.js";

/** What a character takes to say until it is known better, ms. */
const MS_PER_CHARACTER = 60;

interface Segment {
  text: string;
  /** Where in the part's audio it begins, ms. */
  startMs: number;
}

interface Entry {
  segments: Segment[];
  /** Audio that has come of the part, ms. */
  audioMs: number;
  ended: boolean;
  /** Length of the text that was given out: what was read is not taken back. */
  shown: number;
}

/**
 * Which words of an answer have been spoken at a moment of its playback. The server tells the text of a segment just
 * before the first audio of it, so the beginnings are known; between them, words are spread evenly.
 */
export class SpokenText {
  readonly #entries = new Map<string, Entry>();

  /** Text of a part; what comes of audio from now on speaks it. */
  onText(part: Part, text: string): void {
    const entry = this.#entry(part);
    entry.segments.push({ text, startMs: entry.audioMs });
  }

  /** More audio of a part has come, `ms` of it. */
  onAudio(part: Part, ms: number): void {
    this.#entry(part).audioMs += ms;
  }

  /** All audio of a part has come. */
  onEnd(part: Part): void {
    this.#entry(part).ended = true;
  }

  /** The words spoken when `ms` of a part have been heard, the one begun last among them. */
  at(part: Part, ms: number): string {
    const entry = this.#entry(part);
    const text = entry.segments.map(({ text }) => text).join("");
    entry.shown = Math.max(entry.shown, reached(entry, ms));
    return text.slice(0, entry.shown);
  }

  /** Forgets a part. */
  drop(part: Part): void {
    this.#entries.delete(keyOf(part));
  }

  #entry(part: Part): Entry {
    const known = this.#entries.get(keyOf(part));
    if (known !== undefined) return known;
    const entry: Entry = { segments: [], audioMs: 0, ended: false, shown: 0 };
    this.#entries.set(keyOf(part), entry);
    return entry;
  }
}

/** How many characters are spoken after `ms`, in whole words. */
function reached({ segments, audioMs, ended }: Entry, ms: number): number {
  let length = 0;
  for (const [at, { text, startMs }] of segments.entries()) {
    if (ms <= startMs) break;
    const estimate = ended ? audioMs : Math.max(audioMs, startMs + text.length * MS_PER_CHARACTER);
    const endMs = segments[at + 1]?.startMs ?? estimate;
    const fraction = endMs > startMs ? Math.min(1, (ms - startMs) / (endMs - startMs)) : 1;
    length += wordEnd(text, Math.floor(fraction * text.length));
  }
  return length;
}

/** The end of the word at `index`. */
function wordEnd(text: string, index: number): number {
  const space = text.slice(index).search(/\s/);
  return space === -1 ? text.length : index + space;
}

function keyOf({ itemId, contentIndex }: Part): string {
  return `${contentIndex} ${itemId}`;
}
