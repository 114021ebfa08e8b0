import { expect, test } from "vitest";
import { type Observation, Observer } from "./observation";

function seenOf(...events: [name: string, data: unknown][]): Observation {
  const observer = new Observer();
  for (const [name, data] of events) observer.take({ name, data: JSON.stringify(data) });
  return observer.seen;
}

const scan = { event_id: "e", scan_id: "s" };
const progress = {
  ...scan,
  type: "vitals.scan.progress",
  capture_time_us: 0,
  elapsed_ms: 900,
  face: { found: true },
  guidance: "hold_still",
};

test("watching begins with what was said before", () => {
  const message = { id: "i", type: "message", role: "user", status: "completed" };
  const items = [{ ...message, content: [{ type: "input_text", text: "Hello" }] }, 7, { type: "message" }];
  const { transcript, missed } = seenOf(["snapshot", { items, omitted: 3 }], ["dropped", { count: 4 }]);
  expect(transcript.entries.map(({ text }) => text)).toEqual(["Hello"]);
  expect(missed).toBe(7);
});

test("a scan that began before watching is seen as it stands", () => {
  const { vitals } = seenOf(["message", progress]);
  expect(vitals).toMatchObject({ phase: "scanning", guidance: "hold_still", elapsedMs: 900 });
});

test("what still comes of a scan that is over does not begin it anew", () => {
  const { vitals } = seenOf(
    ["message", progress],
    ["message", { ...scan, type: "vitals.scan.failed", reason: "no_video" }],
    ["message", progress],
  );
  expect(vitals).toMatchObject({ phase: "failed", reason: "no_video" });
});

test("the pulse wave is put together", () => {
  const piece = { ...scan, type: "vitals.waveform", sample_rate: 2 };
  const { wave } = seenOf(
    ["message", { ...piece, capture_time_us: 0, samples: [0, 1] }],
    ["message", { ...piece, capture_time_us: 1_000_000, samples: [0.5, 0] }],
    ["message", { ...piece, capture_time_us: 2_000_000 }],
  );
  expect([...wave]).toEqual([0, 1, 0.5, 0]);
});

test("a red flag is noted", () => {
  const escalation = { event_id: "e9", type: "bedside.escalation", reason: "chest_pain", matched: "my chest" };
  expect(seenOf(["message", escalation]).notices).toEqual([
    { id: "e9", kind: "escalation", text: "chest_pain: my chest" },
  ]);
});

test("the end is told, and what cannot be read is passed over", () => {
  const observer = new Observer();
  observer.take({ name: "message", data: "{" });
  observer.take({ name: "snapshot", data: "null" });
  observer.take({ name: "ended", data: '{"code":4003}' });
  expect(observer.seen).toMatchObject({ ended: 4003, missed: 0 });
});
