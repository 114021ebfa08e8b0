import { expect, test } from "vitest";
import { placeOver } from "./place-over";

test("what is left in the picture is right on the stage", () => {
  expect(placeOver([0.125, 0.25, 0.5, 0.5], 2, 400, 200)).toEqual([150, 50, 200, 100]);
});

test("a narrow stage cuts the picture off on both sides", () => {
  // 300 high makes the picture 400 wide, of which a stage of 200 shows the middle.
  expect(placeOver([0.25, 0, 0.5, 1], 4 / 3, 200, 300)).toEqual([0, 0, 200, 300]);
});

test("a low stage cuts it off above and below", () => {
  expect(placeOver([0, 0.25, 1, 0.5], 1, 400, 200)).toEqual([0, 0, 400, 200]);
});
