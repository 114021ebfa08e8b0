import { expect, test, vi } from "vitest";
import { findProblem } from "./problem";

const WHERE = { origin: "https://clinic.example", key: "ek_1", model: "knee" };

/** A server that answers `ready` and `door`. */
function server(ready: Response, door: Response = new Response(null, { status: 426 })) {
  return vi.fn<typeof fetch>(async (input) => (String(input).endsWith("/readyz") ? ready : door));
}

const status = (code: number, retry?: string) =>
  new Response(null, { status: code, ...(retry && { headers: { "Retry-After": retry } }) });

test("a key that is no longer valid is told from a server that is full", async () => {
  const ok = status(200);
  expect(await findProblem(WHERE, server(ok, status(401)))).toEqual({ name: "no_permission" });
  expect(await findProblem(WHERE, server(ok, status(403)))).toEqual({ name: "not_available" });
  expect(await findProblem(WHERE, server(ok, status(404)))).toEqual({ name: "not_available" });
  expect(await findProblem(WHERE, server(ok, status(429, "7")))).toEqual({ name: "busy", retryS: 7 });
});

test("what has passed when it is asked for was a moment without room", async () => {
  expect(await findProblem(WHERE, server(status(200)))).toEqual({ name: "busy", retryS: undefined });
});

test("a server that takes nobody says when it might", async () => {
  expect(await findProblem(WHERE, server(status(503, "5")))).toEqual({ name: "busy", retryS: 5 });
  expect(await findProblem(WHERE, server(status(503, "soon")))).toEqual({ name: "busy", retryS: undefined });
});

test("the key goes in a header, never in an address", async () => {
  const ask = server(status(200));
  await findProblem(WHERE, ask);
  const [address, options] = ask.mock.calls[1] ?? [];
  expect(address).toBe("https://clinic.example/v1/realtime?model=knee");
  expect(options?.headers).toEqual({ Authorization: "Bearer ek_1" });
});

test("a server nobody can reach, and a device without a network", async () => {
  const nobody = () => Promise.reject(new TypeError("failed to fetch"));
  expect(await findProblem(WHERE, nobody)).toEqual({ name: "unreachable" });
  const line = vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
  expect(await findProblem(WHERE, nobody)).toEqual({ name: "offline" });
  line.mockRestore();
});
