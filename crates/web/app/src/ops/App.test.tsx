import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { App } from "./App";

/** What the server was asked, as `METHOD path`, and the key each request brought. */
let asked: string[] = [];
let keys: (string | null)[] = [];
/** The key the server wants, if any. */
let wanted: string | undefined;

const SESSION = { id: "sess_1", model: "intake", started_at_ms: 1, connection: "connected", activity: "hovering" };
const SNAPSHOT = { id: "i", type: "message", role: "user", content: [{ type: "input_text", text: "My head hurts." }] };

async function answer(input: RequestInfo | URL, request?: RequestInit): Promise<Response> {
  const path = String(input).replace("/ops/api/", "");
  asked.push(`${request?.method ?? "GET"} ${path}`);
  const key = new Headers(request?.headers).get("authorization");
  keys.push(key);
  if (wanted !== undefined && key !== `Bearer ${wanted}`) return new Response("{}", { status: 401 });
  if (path === "node") return Response.json({ accepting: true, now_ms: 61_001, sessions: { live: 1, capacity: 4 } });
  if (path === "sessions") return Response.json({ sessions: [SESSION] });
  if (path.endsWith("/events")) {
    const body = `event: snapshot\ndata: ${JSON.stringify({ items: [SNAPSHOT] })}\n\nevent: ended\ndata: {"code":1000}\n\n`;
    return new Response(body);
  }
  return path === "audit" ? Response.json({ entries: [] }) : new Response(null, { status: 204 });
}

beforeEach(() => {
  asked = [];
  keys = [];
  wanted = undefined;
  vi.stubGlobal("fetch", vi.fn(answer));
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function open(hash: string): void {
  location.hash = hash;
  render(<App />);
}

test("where no key is wanted, none is asked for", async () => {
  open("#/audit");
  await screen.findByText("Nothing was done yet.");
  expect(screen.queryByLabelText("Key")).toBeNull();
  expect(keys.every((key) => key === null)).toBe(true);
});

test("a key is asked for until it is the right one, and is kept nowhere but in the page", async () => {
  wanted = "right";
  open("#/audit");
  const enter = (key: string) => {
    fireEvent.change(screen.getByLabelText("Key"), { target: { value: key } });
    fireEvent.click(screen.getByRole("button", { name: "Open the console" }));
  };
  await screen.findByLabelText("Key");
  enter("wrong");
  await screen.findByText("The key was not accepted.");
  enter("right");
  await screen.findByText("Nothing was done yet.");
  expect(keys.at(-1)).toBe("Bearer right");
  expect(JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href])).not.toMatch(
    "right",
  );
});

test("a state a newer server knows does not keep a session from being seen", async () => {
  open("#/sessions");
  const row = await screen.findByRole("row", { name: /sess_1/ });
  expect(within(row).getByText("Connected")).toBeTruthy();
  expect(within(row).getByText("Unknown", { selector: "td:nth-child(2) *" })).toBeTruthy();
});

test("what is said in a session is asked for only when the operator wants to watch", async () => {
  open("#/sessions/sess_1");
  const watch = await screen.findByRole("button", { name: "Watch" });
  expect(screen.getByText(/recorded in the audit log/)).toBeTruthy();
  expect(asked.filter((request) => request.includes("events"))).toEqual([]);
  fireEvent.click(watch);
  await screen.findByText("My head hurts.");
  await screen.findByText("The session has ended.");
  expect(asked.filter((request) => request.includes("events"))).toEqual(["GET sessions/sess_1/events"]);
});

test("a session is ended only after the operator has confirmed it", async () => {
  open("#/sessions/sess_1");
  fireEvent.click(await screen.findByRole("button", { name: "End session" }));
  const dialog = screen.getByRole("dialog", { name: "End this session?" });
  fireEvent.click(within(dialog).getByRole("button", { name: "Cancel" }));
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(asked.filter((request) => request.startsWith("POST"))).toEqual([]);
  fireEvent.click(screen.getByRole("button", { name: "End session" }));
  fireEvent.click(screen.getByRole("button", { name: "End now" }));
  await vi.waitFor(() => expect(asked).toContain("POST sessions/sess_1/end"));
});
