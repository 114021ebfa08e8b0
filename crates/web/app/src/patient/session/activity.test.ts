import type { ServerEvent } from "@bedside/client";
import { expect, test } from "vitest";
import { doing, QUIET, reduceActivity } from "./activity";

const SPEECH = { event_id: "e", item_id: "p" };
const started = { type: "input_audio_buffer.speech_started", audio_start_ms: 0, ...SPEECH } as const;
const stopped = { type: "input_audio_buffer.speech_stopped", audio_end_ms: 900, ...SPEECH } as const;
const completed = (transcript: string): ServerEvent => ({
  type: "conversation.item.input_audio_transcription.completed",
  ...SPEECH,
  content_index: 0,
  transcript,
  usage: { type: "duration", seconds: 1 },
});
const after = (...events: ServerEvent[]) => doing(events.reduce(reduceActivity, QUIET));

test("a turn goes from hearing to thinking", () => {
  expect(after()).toBe("listening");
  expect(after(started)).toBe("hearing");
  expect(after(started, stopped)).toBe("thinking");
  expect(after(started, stopped, completed("My knee hurts"))).toBe("thinking");
});

test("a cough is not thought about", () => {
  expect(after(started, stopped, completed(" "))).toBe("listening");
});

test("who speaks over the assistant is heard first", () => {
  const speaking = { ...QUIET, speaking: true, answering: true };
  expect(doing(speaking)).toBe("speaking");
  expect(doing(reduceActivity(speaking, started))).toBe("hearing");
});
