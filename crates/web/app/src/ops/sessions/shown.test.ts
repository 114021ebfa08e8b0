import { expect, test } from "vitest";
import { parseSessions } from "../api/parse";
import { looksSame } from "./shown";

function row(fields: object) {
  const [session] = parseSessions({ sessions: [{ id: "a", ...fields }] });
  if (session === undefined) throw new Error("no session");
  return { session, age: "1 s" };
}

test("traffic alone changes nothing that is seen in a list", () => {
  expect(looksSame(row({ received_bytes: 1 }), row({ received_bytes: 2 }))).toBe(true);
});

test("all that is seen in a list is looked at", () => {
  for (const fields of [{ activity: "speaking" }, { waiting_bytes: 9 }, { stages: { model: "busy" } }, { turns: 1 }]) {
    expect(looksSame(row({}), row(fields))).toBe(false);
  }
  expect(looksSame(row({}), { ...row({}), age: "2 s" })).toBe(false);
});
