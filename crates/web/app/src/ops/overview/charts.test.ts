import { expect, test } from "vitest";
import { Format } from "../format";
import { en } from "../texts/en";
import { chartPlans, type Line, shownValue, summary } from "./charts";

const [sessions, latency] = chartPlans(en.charts, new Format("en")).map(({ lines }) => lines[0] as Line);

test("where turns are few, the newest known latency is shown; a count that is not known is not made up", () => {
  expect(latency && shownValue(latency, [700, 800, null, null], null)).toBe(800);
  expect(sessions && shownValue(sessions, [3, 4, null], null)).toBeNull();
});

test("under the cursor a value is that of its moment, or none", () => {
  expect(latency && shownValue(latency, [700, null, 900], 1)).toBeNull();
  expect(latency && shownValue(latency, [700, null, 900], 0)).toBe(700);
});

test("a line is told in words", () => {
  expect(latency && summary(en.charts, latency, [700, null, 912.4])).toBe(
    "p50: now 912 ms, between 700 ms and 912 ms.",
  );
  expect(latency && summary(en.charts, latency, [null])).toBe("p50: Nothing recorded yet.");
});
