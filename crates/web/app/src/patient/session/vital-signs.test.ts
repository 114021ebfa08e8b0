import type { VitalsEvent } from "@bedside/client";
import { expect, test } from "vitest";
import { type ScanOutcome, VitalSigns, weightiest } from "./vital-signs";

const started: VitalsEvent = { type: "vitals.scan.started", scan_id: "s" };
const updated = (stage: "preliminary" | "stable", bpm?: number): VitalsEvent => ({
  type: "vitals.updated",
  scan_id: "s",
  capture_time_us: 0,
  stage,
  window_s: 10,
  method: "chrom",
  ...(bpm === undefined ? { absent: { heart_rate: "moving" } } : { heart_rate_bpm: bpm, quality: 0.8 }),
});
const outcome = (elapsed_ms: number, coverage: number): ScanOutcome => ({
  type: "vitals.scan.completed",
  scan_id: "s",
  elapsed_ms,
  frames: 100,
  coverage,
  method: "chrom",
  observations: [],
});

test("rates are kept with their gaps, and the newest sure figures with them", () => {
  const signs = new VitalSigns();
  const events = [started, updated("preliminary", 70), updated("stable", 72), updated("stable")];
  for (const [at, event] of events.entries()) signs.onEvent(event, at);
  expect(signs.heartRates).toEqual([
    { at: 1, bpm: 70 },
    { at: 2, bpm: 72 },
    { at: 3, bpm: undefined },
  ]);
  expect(signs.newest?.heart_rate_bpm).toBe(72);
  expect(signs.state.get().reading?.figures.heart_rate_bpm).toBeUndefined();
});

test("the outcome that rests on most counts", () => {
  const short = outcome(12_000, 1);
  const long = outcome(60_000, 0.9);
  const blind = outcome(90_000, 0.1);
  expect(weightiest([short, long, blind])).toBe(long);
  expect(weightiest([])).toBeUndefined();
});
