import assert from "node:assert/strict";
import { test } from "node:test";
import { FaceFollower } from "../src/video/face-follower.js";
import type { FaceBox, Guidance, VitalsEvent } from "../src/wire/vitals.js";

const told = (box: FaceBox | undefined, guidance: Guidance = "ok"): VitalsEvent => ({
  type: "vitals.scan.progress",
  scan_id: "s",
  capture_time_us: 0,
  elapsed_ms: 0,
  face: box === undefined ? { found: false } : { found: true, box },
  guidance,
});
const crop = (guidance: Guidance): VitalsEvent =>
  ({ ...told(undefined, guidance), face: { found: true } }) as VitalsEvent;

const BOX: FaceBox = [100, 80, 120, 120];
const WHOLE = { region: { name: "whole" }, vitalsRegion: "auto" };

function following(): FaceFollower {
  const follower = new FaceFollower();
  follower.onEvent(told(BOX), 1);
  assert.ok(follower.onEvent(told(BOX), 1));
  return follower;
}

test("a face in one place twice is cut out, in the camera's pixels", () => {
  const follower = new FaceFollower();
  assert.equal(follower.onEvent(told(BOX), 2), undefined);
  assert.deepEqual(follower.onEvent(told([102, 80, 120, 120]), 2), {
    region: { name: "face", box: [204, 160, 240, 240] },
    vitalsRegion: "face_crop",
  });
});

test("a face that moves or goes is waited for", () => {
  const follower = new FaceFollower();
  follower.onEvent(told(BOX), 1);
  assert.equal(follower.onEvent(told([200, 80, 120, 120]), 1), undefined);
  assert.equal(follower.onEvent(told(undefined), 1), undefined);
  assert.equal(follower.onEvent(told([200, 80, 120, 120]), 1), undefined);
  assert.ok(follower.onEvent(told([200, 80, 120, 120]), 1));
});

test("a cut that stays restless is given up, one that calms down is not", () => {
  const follower = following();
  const guidance: Guidance[] = ["hold_still", "hold_still", "ok", "hold_still", "hold_still"];
  for (const each of guidance) assert.equal(follower.onEvent(crop(each), 1), undefined);
  assert.deepEqual(follower.onEvent(crop("hold_still"), 1), WHOLE);
});

test("another scan begins with a clean slate", () => {
  const follower = following();
  for (const each of ["hold_still", "hold_still"] as const) follower.onEvent(crop(each), 1);
  follower.onEvent({ type: "vitals.scan.started", scan_id: "s2" }, 1);
  assert.equal(follower.onEvent(crop("hold_still"), 1), undefined);
});
