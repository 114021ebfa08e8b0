import assert from "node:assert/strict";
import { test } from "node:test";
import { toPcm16 } from "../src/media/pcm.js";
import { loudness } from "../src/voice/loudness.js";

test("loudness goes from silence to full scale over sixty decibels", () => {
  const constant = (level: number) => loudness(toPcm16(new Float32Array(960).fill(level)));
  assert.equal(constant(0), 0);
  assert.ok(Math.abs(constant(1) - 1) < 0.01);
  assert.ok(Math.abs(constant(10 ** (-30 / 20)) - 0.5) < 0.01);
  assert.equal(constant(10 ** (-70 / 20)), 0);
});
