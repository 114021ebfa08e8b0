import assert from "node:assert/strict";
import { test } from "node:test";
import { clampBox, scaleBox, steadyBox } from "../src/video/crop.js";
import { FrameClock } from "../src/video/frame-clock.js";
import { toRgb24 } from "../src/video/rgb.js";

test("a face at the border is cut at it", () => {
  assert.deepEqual(clampBox([10.4, 20.6, 100, 100], 640, 480), [10, 21, 100, 100]);
  assert.deepEqual(clampBox([-30, -20, 100, 100], 640, 480), [0, 0, 70, 80]);
  assert.deepEqual(clampBox([600, 450, 100, 100], 640, 480), [600, 450, 40, 30]);
  assert.equal(clampBox([640, 0, 10, 10], 640, 480), undefined);
  assert.equal(clampBox([10, 10, 0.2, 50], 640, 480), undefined);
});

test("a box stays where the detector trembles and follows a face that moves", () => {
  const box = steadyBox(undefined, [100, 100, 100, 100]);
  assert.equal(steadyBox(box, [105, 95, 104, 98]), box);
  assert.deepEqual(steadyBox(box, [113, 100, 100, 100]), [113, 100, 100, 100]);
  assert.deepEqual(steadyBox(box, [100, 100, 115, 100]), [100, 100, 115, 100]);
});

test("boxes are scaled between pictures of the same view", () => {
  assert.deepEqual(scaleBox([1, 2, 3, 4], 2), [2, 4, 6, 8]);
});

test("pixels lose their opacity and nothing else", () => {
  const rgba = Uint8ClampedArray.of(1, 2, 3, 255, 4, 5, 6, 0);
  assert.deepEqual([...toRgb24(rgba)], [1, 2, 3, 4, 5, 6]);
});

test("frame times come from one clock", () => {
  const withCapture = new FrameClock();
  assert.equal(withCapture.read({ captureTime: 12.3456, mediaTime: 99 }), 12_346);
  assert.equal(withCapture.read({ mediaTime: 100 }), undefined);
  assert.equal(withCapture.read({ captureTime: 45, mediaTime: 101 }), 45_000);

  const without = new FrameClock();
  assert.equal(without.read({ mediaTime: 1.5 }), 1_500_000);
  assert.equal(without.read({ captureTime: 7_000, mediaTime: 1.533 }), 1_533_000);
});

test("a frame that was seen, or is from before, has no time", () => {
  const clock = new FrameClock();
  assert.equal(clock.read({ mediaTime: 0 }), 0);
  assert.equal(clock.read({ mediaTime: 0 }), undefined);
  assert.equal(clock.read({ mediaTime: 0.033 }), 33_000);
  assert.equal(clock.read({ mediaTime: 0.02 }), undefined);
});
