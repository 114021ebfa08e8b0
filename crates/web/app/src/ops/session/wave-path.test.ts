import { expect, test } from "vitest";
import { wavePath } from "./wave-path";

test("the newest sample stands at the right, the highest near the top", () => {
  const points = wavePath(Float32Array.from([0, 2, 1]))
    .slice(1)
    .split("L");
  expect(points).toEqual(["994.4 92.0", "997.2 8.0", "1000.0 50.0"]);
});

test("a flat wave is a line in the middle, and less than two samples are none", () => {
  expect(wavePath(Float32Array.from([3, 3]))).toMatch(/ 50\.0L.* 50\.0$/);
  expect(wavePath(Float32Array.from([3]))).toBe("");
});
