import assert from "node:assert/strict";
import { test } from "node:test";
import type { MediaFrame } from "../src/media/frame.js";
import { toPcm16 } from "../src/media/pcm.js";
import { Speech } from "../src/playback/speech.js";
import type { ClientEvent } from "../src/wire/client-event.js";
import type { ServerEvent } from "../src/wire/server-event.js";

const AT = { response_id: "r", item_id: "a", output_index: 0, content_index: 0, event_id: "e" };

function speech() {
  const played: string[] = [];
  const sent: ClientEvent[] = [];
  const playback = {
    enqueue: (part: { itemId: string }, samples: Float32Array) =>
      played.push(`${part.itemId} ${[...samples].join(" ")}`),
    end: (part: { itemId: string }) => played.push(`end ${part.itemId}`),
    clear: () => played.push("clear"),
  };
  return { played, sent, speech: new Speech(playback, (event) => sent.push(event)) };
}

const begins = (item_id: string, type: "audio" | "text" = "audio"): ServerEvent => ({
  ...AT,
  type: "response.content_part.added",
  item_id,
  part: type === "audio" ? { type, transcript: "" } : { type, text: "" },
});

const frame = (sample: number, codec: "pcm16" | "opus" = "pcm16"): MediaFrame => ({
  header: { kind: "audio", codec, sampleRate: 24_000, sequence: 0, timeUs: 0 },
  payload: toPcm16(Float32Array.of(sample)),
});

test("a frame belongs to the audio part announced last", () => {
  const { speech: s, played } = speech();
  s.onFrame(frame(-1));
  s.onEvent(begins("a"));
  s.onFrame(frame(-0.5));
  s.onEvent(begins("text", "text"));
  s.onFrame(frame(-0.25));
  s.onEvent({ ...AT, type: "response.output_audio.done" });
  s.onEvent(begins("b"));
  s.onFrame(frame(-1));
  assert.deepEqual(played, ["a -0.5", "a -0.25", "end a", "b -1"]);
});

test("audio in events names its part itself", () => {
  const { speech: s, played } = speech();
  s.onEvent({ ...AT, type: "response.output_audio.delta", delta: "AIAAwA==" });
  assert.deepEqual(played, ["a -1 -0.5"]);
});

test("what cannot be played is left out", () => {
  const { speech: s, played } = speech();
  s.onEvent(begins("a"));
  s.onFrame(frame(1, "opus"));
  assert.deepEqual(played, []);
});

test("an interruption cuts, and frames that were under way are not played", () => {
  const { speech: s, played } = speech();
  s.onEvent(begins("a"));
  s.onEvent({ type: "output_audio_buffer.cleared", response_id: "r", event_id: "e" });
  s.onFrame(frame(-1));
  assert.deepEqual(played, ["clear"]);
});

test("the server is told what was heard of what was cut", () => {
  const { speech: s, sent } = speech();
  s.onCleared([
    { itemId: "a", contentIndex: 0, ms: 1_200, whole: true },
    { itemId: "b", contentIndex: 0, ms: 340, whole: false },
  ]);
  assert.deepEqual(sent, [{ type: "conversation.item.truncate", item_id: "b", content_index: 0, audio_end_ms: 340 }]);
});
