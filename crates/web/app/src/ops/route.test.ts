import { expect, test } from "vitest";
import { hashOf, parseRoute } from "./route";

test("every page can be linked to and found again", () => {
  for (const route of [
    { page: "overview" },
    { page: "sessions" },
    { page: "session", id: "sess_a/b?c#d%" },
    { page: "audit" },
  ] as const) {
    expect(parseRoute(hashOf(route))).toEqual(route);
  }
});

test("a hash nobody knows leads to the overview", () => {
  for (const hash of ["", "#", "#/", "#nowhere", "#/audit/x", "#/sessions/a/b"]) {
    expect(parseRoute(hash)).toEqual({ page: "overview" });
  }
  expect(parseRoute("#/sessions/%E0%A4%A")).toEqual({ page: "sessions" });
});
