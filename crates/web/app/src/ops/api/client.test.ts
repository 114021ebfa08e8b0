import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OpsClient } from "./client";

const fetched = vi.fn<typeof fetch>();

beforeEach(() => vi.stubGlobal("fetch", fetched));

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  fetched.mockReset();
});

/** A server that says nothing until it is hung up on. */
function silence(): void {
  fetched.mockImplementation(
    (_, request) =>
      new Promise((_, fail) =>
        request?.signal?.addEventListener("abort", () => fail(new DOMException("", "AbortError"))),
      ),
  );
}

test("the key is sent with every request, and nothing where there is none", async () => {
  fetched.mockImplementation(async () => new Response("{}"));
  await new OpsClient("secret").node();
  await new OpsClient().node();
  await new OpsClient("secret").end("sess_1");
  const headers = fetched.mock.calls.map(([, request]) => new Headers(request?.headers).get("authorization"));
  expect(headers).toEqual(["Bearer secret", null, "Bearer secret"]);
});

test("the name of a session cannot lead elsewhere", async () => {
  fetched.mockImplementation(async () => new Response(null, { status: 204 }));
  await new OpsClient().end("../drain?x");
  expect(fetched.mock.calls[0]?.[0]).toBe("/ops/api/sessions/..%2Fdrain%3Fx/end");
});

test.each([
  [401, "key"],
  [403, "forbidden"],
  [404, "missing"],
  [409, "refused"],
  [502, "unreachable"],
])("an answer of %i is told apart", async (status, kind) => {
  fetched.mockImplementation(async () => new Response('{"error":{"message":"so it is"}}', { status }));
  await expect(new OpsClient().node()).rejects.toMatchObject({ kind, message: "so it is" });
});

test("no answer, no JSON and no network are told apart", async () => {
  fetched.mockImplementation(async () => new Response("<html>"));
  await expect(new OpsClient().node()).rejects.toMatchObject({ kind: "unreadable" });
  fetched.mockRejectedValue(new TypeError("Failed to fetch"));
  await expect(new OpsClient().node()).rejects.toMatchObject({ kind: "unreachable" });
  vi.useFakeTimers();
  silence();
  const late = expect(new OpsClient().node()).rejects.toMatchObject({ kind: "timeout" });
  await vi.advanceTimersByTimeAsync(8_000);
  await late;
});

test("a request nobody waits for any more ends without a failure of the server", async () => {
  silence();
  const leaving = new AbortController();
  const asked = new OpsClient().node(leaving.signal);
  leaving.abort();
  await expect(asked).rejects.toMatchObject({ name: "AbortError" });
});

test("a session is watched event by event", async () => {
  fetched.mockImplementation(async () => new Response("event: snapshot\ndata: {}\n\ndata: 1\n\n"));
  const names: string[] = [];
  for await (const { name } of new OpsClient().watch("sess_1", new AbortController().signal)) names.push(name);
  expect(names).toEqual(["snapshot", "message"]);
});
