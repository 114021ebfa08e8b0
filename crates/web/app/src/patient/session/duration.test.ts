import { expect, test } from "vitest";
import { duration } from "./duration";

test("minutes and seconds, whole ones only", () => {
  expect([0, 59_999, 60_000, 3_601_000, -5].map(duration)).toEqual(["0:00", "0:59", "1:00", "60:01", "0:00"]);
});
