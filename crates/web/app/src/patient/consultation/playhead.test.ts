import { expect, test } from "vitest";
import { Playhead } from "./playhead";

test("it moves with the clock between two pieces, and never past the wave", () => {
  const playhead = new Playhead();
  expect(playhead.at(0, 10_000_000)).toBe(8_700_000);
  expect(playhead.at(500, 10_000_000)).toBe(9_200_000);
  expect(playhead.at(1_000, 11_000_000)).toBe(9_700_000);
  expect(playhead.at(3_000, 11_000_000)).toBe(11_000_000);
});

test("after a sleep, or when the wave begins anew, it leaps", () => {
  const playhead = new Playhead();
  playhead.at(0, 10_000_000);
  expect(playhead.at(16, 60_000_000)).toBe(58_700_000);
  expect(playhead.at(32, 2_000_000)).toBe(700_000);
});
