import type { MediaFrame } from "../media/frame.js";
import { fromBase64, fromPcm16 } from "../media/pcm.js";
import type { ClientEvent } from "../wire/client-event.js";
import type { PartAddress } from "../wire/response.js";
import type { ServerEvent } from "../wire/server-event.js";
import type { Heard, Playback } from "./player.js";
import type { Part } from "./queue.js";

/**
 * Brings the server's speech to playback, cuts it where the server says so, and tells the server what was heard.
 *
 * A binary frame does not name its item. It belongs to the audio part announced last: the server keeps frames and events
 * in one order, and begins no part before it sent or dropped all of the one before.
 */
export class Speech {
  readonly #playback: Playback;
  readonly #send: (event: ClientEvent) => void;
  #part: Part | undefined;

  constructor(playback: Playback, send: (event: ClientEvent) => void) {
    this.#playback = playback;
    this.#send = send;
  }

  /** Takes every event of the server, in order. */
  onEvent(event: ServerEvent): void {
    switch (event.type) {
      case "response.content_part.added":
        if (event.part.type === "audio") this.#part = partOf(event);
        break;
      case "response.output_audio.delta":
        this.#playback.enqueue(partOf(event), fromPcm16(fromBase64(event.delta)));
        break;
      case "response.output_audio.done":
        this.#playback.end(partOf(event));
        break;
      case "output_audio_buffer.cleared":
        this.#part = undefined;
        this.#playback.clear();
        break;
    }
  }

  /** Takes every frame of the server, in order with its events; only PCM16 is played. */
  onFrame({ header, payload }: MediaFrame): void {
    if (this.#part === undefined || header.kind !== "audio" || header.codec !== "pcm16") return;
    this.#playback.enqueue(this.#part, fromPcm16(payload));
  }

  /** Playback was cut: tells the server, whose own account of it is an estimate. */
  onCleared(cut: Heard[]): void {
    for (const { itemId, contentIndex, ms, whole } of cut) {
      if (whole) continue;
      this.#send({
        type: "conversation.item.truncate",
        item_id: itemId,
        content_index: contentIndex,
        audio_end_ms: ms,
      });
    }
  }
}

function partOf({ item_id, content_index }: PartAddress): Part {
  return { itemId: item_id, contentIndex: content_index };
}
