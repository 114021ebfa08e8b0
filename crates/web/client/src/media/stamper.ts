import { type AudioHeader, encodeFrame, type VideoHeader } from "./frame.js";

/** Numbers the frames of one kind. A frame that is numbered and then not sent is a loss, which the server conceals. */
export class FrameStamper {
  #next = 0;

  /** The message of the next frame, captured at `timeUs` (whole microseconds of a monotonic clock). */
  audio(media: Pick<AudioHeader, "codec" | "sampleRate">, timeUs: number, payload: Uint8Array): ArrayBuffer {
    return this.#stamped(encodeFrame({ kind: "audio", ...media, sequence: this.#next, timeUs }, payload));
  }

  /** The message of the next picture. */
  video(media: Pick<VideoHeader, "format" | "width" | "height">, timeUs: number, payload: Uint8Array): ArrayBuffer {
    return this.#stamped(encodeFrame({ kind: "video", ...media, sequence: this.#next, timeUs }, payload));
  }

  /** An encoder that refuses a frame throws before it gets here: its number is not used up. */
  #stamped(message: ArrayBuffer): ArrayBuffer {
    this.#next = (this.#next + 1) & 0xffff;
    return message;
  }
}
