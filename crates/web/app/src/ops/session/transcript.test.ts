import type { Item, ServerEvent } from "@bedside/client";
import { expect, test } from "vitest";
import { begun, NOTHING_SAID, reduceTranscript, type Transcript } from "./transcript";

type Told<T> = T extends unknown ? Omit<T, "event_id"> : never;

function after(transcript: Transcript, ...events: Told<ServerEvent>[]): Transcript {
  return events.reduce((so, event) => reduceTranscript(so, { ...event, event_id: "e" } as ServerEvent), transcript);
}

function said(role: "user" | "assistant", id: string, transcript: string | null, status: Item["status"]): Item {
  const type = role === "user" ? "input_audio" : "output_audio";
  return { object: "realtime.item", id, type: "message", role, status, content: [{ type, transcript }] };
}

const asked = begun([said("assistant", "a1", "What brings you here?", "completed")]);

test("the patient's words grow, and are corrected as a whole", () => {
  const spoken = after(
    asked,
    { type: "conversation.item.added", previous_item_id: "a1", item: said("user", "u1", null, "in_progress") },
    { type: "conversation.item.input_audio_transcription.delta", item_id: "u1", content_index: 0, delta: "My had" },
    { type: "conversation.item.input_audio_transcription.delta", item_id: "u1", content_index: 0, delta: " hurts" },
  );
  expect(spoken.entries.at(-1)).toEqual({ id: "u1", who: "patient", text: "My had hurts", state: "partial" });
  const corrected = after(spoken, {
    type: "conversation.item.input_audio_transcription.completed",
    item_id: "u1",
    content_index: 0,
    transcript: "My head hurts.",
    usage: { type: "duration", seconds: 1 },
  });
  expect(corrected.entries.at(-1)).toMatchObject({ text: "My head hurts.", state: "final" });
});

test("an item done before its words keeps waiting for them", () => {
  const done = after(
    asked,
    { type: "conversation.item.added", previous_item_id: "a1", item: said("user", "u1", null, "in_progress") },
    { type: "conversation.item.done", previous_item_id: "a1", item: said("user", "u1", null, "completed") },
  );
  expect(done.entries.at(-1)).toMatchObject({ text: "", state: "partial" });
});

test("words that come before their item are not lost", () => {
  const delta = { type: "conversation.item.input_audio_transcription.delta", item_id: "u9", content_index: 0 } as const;
  const spoken = after(NOTHING_SAID, { ...delta, delta: "Oh" });
  const added = after(spoken, {
    type: "conversation.item.added",
    previous_item_id: null,
    item: said("user", "u9", null, "in_progress"),
  });
  expect(added.entries).toEqual([{ id: "u9", who: "patient", text: "Oh", state: "partial" }]);
});

test("an answer that was cut stays so, and takes the words that were heard once they are told", () => {
  const place = { response_id: "r", item_id: "a1", output_index: 0, content_index: 0 };
  const cut = after(
    asked,
    { type: "conversation.item.truncated", item_id: "a1", content_index: 0, audio_end_ms: 300 },
    { type: "response.output_audio_transcript.done", transcript: "What brings you here?", ...place },
    { type: "conversation.item.done", previous_item_id: null, item: said("assistant", "a1", "What", "completed") },
  );
  expect(cut.entries).toEqual([{ id: "a1", who: "assistant", text: "What", state: "cut" }]);
});

test("an item is put where it belongs, once", () => {
  const three = begun([said("user", "1", "a", "completed"), said("user", "3", "c", "completed")]);
  const item = said("user", "2", "b", "completed");
  const added = { type: "conversation.item.added", previous_item_id: "1", item } as const;
  expect(after(three, added, added).entries.map(({ text }) => text)).toEqual(["a", "b", "c"]);
  expect(after(three, { type: "conversation.item.deleted", item_id: "1" }).entries).toHaveLength(1);
});

test("functions and their results are part of the conversation", () => {
  const call = { object: "realtime.item", status: "completed", call_id: "c", id: "f" } as const;
  const { entries } = begun([
    { ...call, type: "function_call", name: "scan", arguments: "{}" },
    { ...call, type: "function_call_output", output: '{"ok":true}' },
  ]);
  expect(entries.map(({ who, text }) => [who, text])).toEqual([
    ["call", "scan({})"],
    ["result", '{"ok":true}'],
  ]);
});

test("an event a newer server tells changes nothing", () => {
  const event = { type: "conversation.item.translated", event_id: "e" } as unknown as ServerEvent;
  expect(reduceTranscript(asked, event)).toBe(asked);
});
