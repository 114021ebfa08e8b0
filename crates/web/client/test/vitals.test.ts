import assert from "node:assert/strict";
import { test } from "node:test";
import { PulseWave } from "../src/vitals/pulse-wave.js";
import { NO_VITALS, reduceVitals, type VitalsState } from "../src/vitals/state.js";
import type { VitalsEvent } from "../src/wire/vitals.js";

const after = (...events: VitalsEvent[]): VitalsState => events.reduce(reduceVitals, NO_VITALS);
const STARTED: VitalsEvent = { type: "vitals.scan.started", scan_id: "s1" };

const updated = (figures: object, scan_id = "s1"): VitalsEvent => ({
  type: "vitals.updated",
  scan_id,
  capture_time_us: 7,
  stage: "stable",
  window_s: 10,
  method: "pos",
  ...figures,
});

test("guidance and the face are shown while scanning", () => {
  const state = after(STARTED, {
    type: "vitals.scan.progress",
    scan_id: "s1",
    capture_time_us: 5,
    elapsed_ms: 1_200,
    face: { found: true, box: [1, 2, 3, 4] },
    guidance: "more_light",
  });
  assert.deepEqual(state, {
    phase: "scanning",
    scanId: "s1",
    elapsedMs: 1_200,
    face: { found: true, box: [1, 2, 3, 4] },
    guidance: "more_light",
    observations: [],
  });
});

test("a figure an event leaves out is withdrawn", () => {
  const state = after(
    STARTED,
    updated({ heart_rate_bpm: 71, quality: 0.8, respiratory_rate_bpm: 14 }),
    updated({ respiratory_rate_bpm: 15, absent: { heart_rate: "not_peaked" } }),
  );
  assert.deepEqual(state.reading, {
    figures: { respiratory_rate_bpm: 15, absent: { heart_rate: "not_peaked" } },
    stage: "stable",
    captureTimeUs: 7,
  });
});

test("events of another scan, or of none, change nothing", () => {
  const state = after(STARTED);
  assert.equal(reduceVitals(state, updated({ heart_rate_bpm: 90 }, "s0")), state);
  assert.equal(reduceVitals(NO_VITALS, updated({ heart_rate_bpm: 90 })), NO_VITALS);
});

test("a completed scan keeps its figures until the next begins", () => {
  const completed: VitalsEvent = {
    type: "vitals.scan.completed",
    scan_id: "s1",
    elapsed_ms: 30_000,
    frames: 900,
    coverage: 1,
    method: "pos",
    observations: [],
    heart_rate_bpm: 70,
  };
  const state = after(STARTED, updated({ heart_rate_bpm: 71 }), completed, updated({}));
  assert.equal(state.phase, "completed");
  assert.deepEqual(state.reading, { figures: { heart_rate_bpm: 70 }, stage: "final" });
  assert.equal(reduceVitals(state, { ...STARTED, scan_id: "s2" }).reading, undefined);
});

test("a failed scan shows its reason and no figure", () => {
  const failed: VitalsEvent = { type: "vitals.scan.failed", scan_id: "s1", reason: "no_video" };
  const state = after(STARTED, updated({ heart_rate_bpm: 71 }), failed);
  assert.deepEqual([state.phase, state.reason, state.reading], ["failed", "no_video", undefined]);
});

const piece = (capture_time_us: number, samples: number[], other: object = {}) => ({
  type: "vitals.waveform" as const,
  scan_id: "s1",
  capture_time_us,
  sample_rate: 10,
  samples,
  ...other,
});

test("pieces of the pulse wave are joined, and the oldest goes first", () => {
  const wave = new PulseWave(0.4);
  wave.push(piece(0, [1, 2, 3]));
  wave.push(piece(300_000, [4, 5]));
  assert.deepEqual([...wave.samples], [2, 3, 4, 5]);
  assert.deepEqual([wave.sampleRate, wave.endUs], [10, 500_000]);
});

test("a gap, another rate or another scan begins it anew", () => {
  for (const next of [
    piece(900_000, [9]),
    piece(300_000, [9], { sample_rate: 20 }),
    piece(300_000, [9], { scan_id: "s2" }),
  ]) {
    const wave = new PulseWave();
    wave.push(piece(0, [1, 2, 3]));
    wave.push(next);
    assert.deepEqual([...wave.samples], [9]);
  }
});
