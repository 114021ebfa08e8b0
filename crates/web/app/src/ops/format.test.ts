import { expect, test } from "vitest";
import { Format } from "./format";

const en = new Format("en");
const es = new Format("es");

test("bytes are told in the largest unit that leaves a whole number", () => {
  expect([0, 999, 1000, 9_949, 812_400_000, 999_600_000, -5].map((value) => en.bytes(value))).toEqual([
    "0 B",
    "999 B",
    "1 kB",
    "9.9 kB",
    "812 MB",
    "1 GB",
    "0 B",
  ]);
  expect(es.bytes(1_500_000)).toBe("1,5 MB");
});

test("latencies are told in milliseconds as long as they can be compared so", () => {
  expect([0.4, 742.4, 1103, 12_345].map((value) => en.ms(value))).toEqual(["0.4 ms", "742 ms", "1,103 ms", "12.35 s"]);
  expect(es.ms(1103)).toBe("1.103 ms");
});

test("a span has two units at most, and seconds only while it is short", () => {
  expect([-1, 59_999, 61_000, 601_000, 3_600_000, 90_061_000].map((value) => en.span(value))).toEqual([
    "0 s",
    "59 s",
    "1 min 1 s",
    "10 min",
    "1 h 0 min",
    "1 d 1 h",
  ]);
});

test("small amounts of money keep what makes them differ", () => {
  expect([0, 0.0042, 12.5, null].map((value) => en.money(value, "USD"))).toEqual(["$0.00", "$0.0042", "$12.50", "–"]);
  expect(en.money(3, "dollars")).toBe("3.00");
});

test("what was not measured is a dash", () => {
  expect([en.ms(null), en.count(undefined), en.percent(null), en.bytes(null)]).toEqual(["–", "–", "–", "–"]);
});

test("what lies back is told in its largest unit, in the language of the page", () => {
  expect([5_000, 125_000, 7_300_000].map((value) => en.ago(value))).toEqual(["5 sec. ago", "2 min. ago", "2 hr. ago"]);
  expect(es.ago(125_000)).toBe("hace 2 min");
});
