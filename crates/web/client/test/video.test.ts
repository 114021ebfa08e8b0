import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameClock } from "../src/video/frame-clock.js";
import { shrinkToRgb24 } from "../src/video/shrink.js";
import type { View } from "../src/video/view.js";
import { ViewLog } from "../src/video/view-log.js";

test("a pixel of a smaller picture is the mean of all those it stands for", () => {
  const rgba = new Uint8ClampedArray(7 * 5 * 4);
  for (let at = 0; at < rgba.length; at++) rgba[at] = (at * 37) % 256;
  const mean = (left: number, right: number, top: number, bottom: number, channel: number): number => {
    let sum = 0;
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += rgba[(y * 7 + x) * 4 + channel] ?? 0;
    return Math.round(sum / ((right - left) * (bottom - top)));
  };
  const rgb = shrinkToRgb24(rgba, { width: 7, height: 5 }, { width: 3, height: 2 });
  const expected = [0, 2].flatMap((top) =>
    [0, 2, 4].flatMap((left) => [0, 1, 2].map((c) => mean(left, left === 4 ? 7 : left + 2, top, top === 0 ? 2 : 5, c))),
  );
  assert.deepEqual([...rgb], expected);
});

test("one line of bright pixels does not vanish and does not stand for its neighbours", () => {
  const rgba = new Uint8ClampedArray(300 * 300 * 4);
  for (let y = 0; y < 300; y++) rgba[(y * 300 + 151) * 4] = 250;
  const rgb = shrinkToRgb24(rgba, { width: 300, height: 300 }, { width: 60, height: 60 });
  for (let at = 0; at < rgb.length; at++) assert.equal(rgb[at], at % 180 === 90 ? 50 : 0);
});

test("a picture that is smaller than what is wanted is repeated", () => {
  const rgba = Uint8ClampedArray.of(1, 2, 3, 255, 4, 5, 6, 0);
  const rgb = shrinkToRgb24(rgba, { width: 2, height: 1 }, { width: 4, height: 2 });
  const row = [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6];
  assert.deepEqual([...rgb], [...row, ...row]);
});

test("frame times come from one clock", () => {
  const withCapture = new FrameClock();
  assert.equal(withCapture.read({ captureTime: 12.3456, mediaTime: 99 }, 20), 12_346);
  assert.equal(withCapture.read({ mediaTime: 100 }, 53), undefined);
  assert.equal(withCapture.read({ captureTime: 45, mediaTime: 101 }, 60), 45_000);

  const without = new FrameClock();
  assert.equal(without.read({ mediaTime: 1.5 }, 7_000), 7_000_000);
  assert.equal(without.read({ captureTime: 9_000, mediaTime: 1.533 }, 7_050), 7_033_000);
});

test("a stream whose own clock begins anew goes on in time", () => {
  const clock = new FrameClock();
  assert.equal(clock.read({ mediaTime: 90 }, 5_000), 5_000_000);
  assert.equal(clock.read({ mediaTime: 0.5 }, 8_000), 8_000_000);
  assert.equal(clock.read({ mediaTime: 0.533 }, 8_040), 8_033_000);
});

test("a frame that was seen, or is from before, has no time", () => {
  const clock = new FrameClock();
  assert.equal(clock.read({ mediaTime: 0 }, 100), 100_000);
  assert.equal(clock.read({ mediaTime: 0 }, 110), undefined);
  assert.equal(clock.read({ mediaTime: 0.033 }, 133), 133_000);
  assert.equal(clock.read({ mediaTime: 0.02 }, 140), undefined);
});

test("views are known by capture time, as far back as anybody asks", () => {
  const log = new ViewLog();
  const views = Array.from(
    { length: 20 },
    (_, index): View => ({ name: "cut", area: [0, 0, index, 1], width: 72, height: 72 }),
  );
  assert.equal(log.at(5), undefined);
  for (const [index, view] of views.entries()) log.note(index * 100, view);
  assert.deepEqual(
    [log.newest, log.at(1_899), log.at(1_900), log.at(9_999)],
    [views[19], views[18], views[19], views[19]],
  );
  assert.equal(log.at(399), undefined);
});
