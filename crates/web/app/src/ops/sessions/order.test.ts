import { expect, test } from "vitest";
import { parseSessions } from "../api/parse";
import { FIRST_ORDER, ordered, pressed } from "./order";

const sessions = parseSessions({
  sessions: [
    { id: "b", started_at_ms: 30, turns: 2, last_turn: { voice_to_voice: 900 } },
    { id: "c", started_at_ms: 10, turns: 2, last_turn: null },
    { id: "a", started_at_ms: 20, turns: 5, last_turn: { voice_to_voice: 700 } },
  ],
});

function ids(by: Parameters<typeof pressed>[1], descending: boolean): string {
  return ordered(sessions, { by, descending })
    .map(({ id }) => id)
    .join("");
}

test("at first those who have been here longest come first", () => {
  expect(
    ordered(sessions, FIRST_ORDER)
      .map(({ id }) => id)
      .join(""),
  ).toBe("cab");
});

test("what has no figure comes last either way", () => {
  expect([ids("latency", false), ids("latency", true)]).toEqual(["abc", "bac"]);
});

test("equals stay in the order they began, either way", () => {
  expect([ids("turns", false), ids("turns", true)]).toEqual(["cba", "acb"]);
});

test("the list it was given is left as it was", () => {
  ids("id", false);
  expect(sessions.map(({ id }) => id).join("")).toBe("bca");
});

test("a second press turns the order; figures begin with the largest, words with the first", () => {
  expect(pressed(FIRST_ORDER, "age")).toEqual({ by: "age", descending: false });
  expect(pressed(FIRST_ORDER, "turns")).toEqual({ by: "turns", descending: true });
  expect(pressed(FIRST_ORDER, "activity")).toEqual({ by: "activity", descending: false });
});
