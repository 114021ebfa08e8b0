import type { Part, Played } from "./queue.js";

/** Name the playback processor is registered under. */
export const PLAYBACK_PROCESSOR = "bedside-playback";

/** From the page to the playback processor. */
export type PlaybackCommand =
  | { type: "enqueue"; part: Part; samples: Float32Array<ArrayBuffer> }
  | { type: "end"; part: Part }
  | { type: "clear" };

/** From the playback processor to the page. */
export type PlaybackReport =
  | { type: "position"; played: Played; underruns: number }
  | { type: "finished"; played: Played }
  | { type: "cleared"; cut: Played[] }
  /** There was no room for audio: it was refused. */
  | { type: "overflow"; part: Part };
