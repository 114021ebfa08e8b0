import assert from "node:assert/strict";
import { test } from "node:test";
import { type Captions, captionHeard, reduceCaptions } from "../src/conversation/captions.js";
import type { Item } from "../src/wire/item.js";
import type { RealtimeResponse } from "../src/wire/response.js";
import type { ServerEvent } from "../src/wire/server-event.js";

const AT = { response_id: "r", item_id: "a", output_index: 0, content_index: 0, event_id: "e" };
const ITEM = { object: "realtime.item", status: "completed", type: "message" } as const;

const after = (...events: ServerEvent[]): Captions =>
  events.reduce<Captions>((captions, event, at) => reduceCaptions(captions, event, at), []);
const started = (item_id: string): ServerEvent => ({
  type: "input_audio_buffer.speech_started",
  event_id: "e",
  audio_start_ms: 0,
  item_id,
});
const delta = (item_id: string, delta: string): ServerEvent => ({
  type: "conversation.item.input_audio_transcription.delta",
  event_id: "e",
  item_id,
  content_index: 0,
  delta,
});
const completed = (item_id: string, transcript: string): ServerEvent => ({
  type: "conversation.item.input_audio_transcription.completed",
  event_id: "e",
  item_id,
  content_index: 0,
  transcript,
  usage: { type: "duration", seconds: 1 },
});
const added = (item: Item): ServerEvent => ({
  type: "conversation.item.added",
  event_id: "e",
  previous_item_id: null,
  item,
});
const assistant: Item = { ...ITEM, id: "a", role: "assistant", content: [] };

test("the patient's words grow, and are corrected at the end", () => {
  const partial = after(started("p"), delta("p", "I have a"), delta("p", " pane"));
  assert.deepEqual(partial, [
    { itemId: "p", speaker: "patient", text: "I have a pane", at: 0, typed: false, state: "partial" },
  ]);
  const final = reduceCaptions(partial, completed("p", "I have a pain."), 9);
  assert.deepEqual(final, [
    { itemId: "p", speaker: "patient", text: "I have a pain.", at: 0, typed: false, state: "final" },
  ]);
});

test("a sound without words leaves no caption", () => {
  assert.deepEqual(after(started("p"), completed("p", " ")), []);
});

test("a spoken answer shows what was heard, and is done when all of it was", () => {
  let captions = after(added(assistant), {
    ...AT,
    type: "response.output_audio_transcript.delta",
    delta: "Hello there.",
  });
  assert.equal(captions[0]?.text, "");
  captions = captionHeard(captions, "a", "Hello", false);
  assert.deepEqual([captions[0]?.text, captions[0]?.state], ["Hello", "partial"]);
  assert.equal(captionHeard(captions, "a", "Hello", false), captions);
  captions = captionHeard(captions, "a", "Hello there.", true);
  assert.deepEqual([captions[0]?.text, captions[0]?.state], ["Hello there.", "final"]);
});

test("an answer cut off says what the server knows was heard", () => {
  let captions = captionHeard(after(added(assistant)), "a", "Hello there", false);
  const truncated = { content_index: 0, audio_end_ms: 400, item_id: "a", event_id: "e" };
  captions = reduceCaptions(captions, { type: "conversation.item.truncated", ...truncated }, 1);
  captions = captionHeard(captions, "a", "Hello there my", false);
  assert.deepEqual([captions[0]?.text, captions[0]?.state], ["Hello there", "interrupted"]);
  const item: Item = { ...assistant, content: [{ type: "output_audio", transcript: "Hello " }] };
  captions = reduceCaptions(captions, { type: "conversation.item.retrieved", event_id: "e", item }, 2);
  assert.equal(captions[0]?.text, "Hello");
});

test("an answer that was cancelled goes no further, one that was heard out stays as it is", () => {
  const response: RealtimeResponse = {
    object: "realtime.response",
    id: "r",
    status: "cancelled",
    status_details: { type: "cancelled", reason: "turn_detected" },
    output: [assistant],
    conversation_id: null,
    output_modalities: ["audio"],
    max_output_tokens: "inf",
    audio: { output: {} },
    usage: null,
    metadata: null,
  };
  const done: ServerEvent = { type: "response.done", event_id: "e", response };
  const heard = captionHeard(after(added(assistant)), "a", "Hello", false);
  assert.equal(reduceCaptions(heard, done, 1)[0]?.state, "interrupted");
  const whole = captionHeard(heard, "a", "Hello.", true);
  assert.equal(reduceCaptions(whole, done, 1), whole);
});

test("an answer cut off between its sentences was interrupted, too", () => {
  const heard = captionHeard(after(added(assistant)), "a", "Hello there.", true);
  const item: Item = { ...assistant, status: "incomplete" };
  const done = { type: "conversation.item.done", event_id: "e", previous_item_id: null, item } as const;
  assert.deepEqual(reduceCaptions(heard, done, 1)[0], { ...heard[0], state: "interrupted" });
  const whole = { ...done, item: { ...item, status: "completed" } } as const;
  assert.equal(reduceCaptions(heard, whole, 1)[0]?.state, "final");
});

test("an answer of which nothing was heard leaves no caption", () => {
  const item: Item = { ...assistant, content: [{ type: "output_audio", transcript: "" }] };
  assert.deepEqual(after(added(assistant), { type: "conversation.item.retrieved", event_id: "e", item }), []);
});

test("an answer in writing grows as it is written", () => {
  const captions = after(
    added(assistant),
    { ...AT, type: "response.output_text.delta", delta: "Good " },
    { ...AT, type: "response.output_text.delta", delta: "day" },
  );
  assert.equal(captions[0]?.text, "Good day");
  const done = reduceCaptions(captions, { ...AT, type: "response.output_text.done", text: "Good day." }, 5);
  assert.deepEqual([done[0]?.text, done[0]?.state], ["Good day.", "final"]);
});

test("what is typed is final at once, and what the system says is nobody's", () => {
  const captions = after(
    added({ ...ITEM, id: "t", role: "user", content: [{ type: "input_text", text: "My knee hurts" }] }),
    added({ ...ITEM, id: "s", role: "system", content: [{ type: "input_text", text: "Be brief" }] }),
    added({ ...ITEM, id: "v", role: "user", content: [{ type: "input_audio", transcript: null }] }),
  );
  assert.deepEqual(
    captions.map(({ itemId, text, typed, state }) => [itemId, text, typed, state]),
    [
      ["t", "My knee hurts", true, "final"],
      ["v", "", false, "partial"],
    ],
  );
});
