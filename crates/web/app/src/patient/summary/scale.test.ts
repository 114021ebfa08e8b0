import { expect, test } from "vitest";
import { linear, linePath, roundRange } from "./scale";

test("linear maps ends onto ends", () => {
  const y = linear([60, 90], [100, 10]);
  expect([60, 75, 90].map(y)).toEqual([100, 55, 10]);
  expect(linear([5, 5], [0, 9])(5)).toBe(0);
});

test("a range is round, holds all and is not too narrow", () => {
  expect(roundRange([68, 73], 10, 30)).toEqual([60, 90]);
  expect(roundRange([51, 118], 10, 30)).toEqual([50, 120]);
});

test("a line breaks where a point is missing", () => {
  expect(linePath([[0, 1], [2, 3], undefined, [4, 5]])).toBe("M0.0 1.0L2.0 3.0M4.0 5.0");
});
