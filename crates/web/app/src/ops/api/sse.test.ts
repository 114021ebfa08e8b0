import { expect, test, vi } from "vitest";
import { EventStreamParser, readEvents, type StreamEvent } from "./sse";

function whole(text: string): StreamEvent[] {
  return new EventStreamParser().push(text);
}

test("events have the name they were given, or none", () => {
  expect(whole('event: snapshot\ndata: {"items":[]}\n\ndata: 1\n\n')).toEqual([
    { name: "snapshot", data: '{"items":[]}' },
    { name: "message", data: "1" },
  ]);
});

test("lines of data are joined, one space after the colon is dropped, comments and other fields are passed over", () => {
  expect(whole(": alive\nid: 7\ndata:  a\ndata:b\ndata\n\n: alive\n\n")).toEqual([
    { name: "message", data: " a\nb\n" },
  ]);
});

test("an event is given once its empty line is there, wherever the pieces are cut", () => {
  const text = "event: ended\r\ndata: x\r\n\r\ndata: y\r\n\r\n";
  for (let cut = 0; cut <= text.length; cut++) {
    const parser = new EventStreamParser();
    expect([...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))]).toEqual([
      { name: "ended", data: "x" },
      { name: "message", data: "y" },
    ]);
  }
});

test("an event without its empty line is not given", () => {
  expect(whole("data: half\n")).toEqual([]);
});

test("an event without end is refused", () => {
  const parser = new EventStreamParser();
  const piece = "x".repeat(1 << 20);
  expect(() => {
    for (let count = 0; count < 8; count++) parser.push(piece);
  }).toThrow("event too long");
});

test("a letter cut in two by the network is one letter", async () => {
  const bytes = new TextEncoder().encode("data: corazón\n\n");
  const cut = bytes.indexOf(0xc3) + 1;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes.slice(0, cut));
      controller.enqueue(bytes.slice(cut));
      controller.close();
    },
  });
  const events: StreamEvent[] = [];
  for await (const event of readEvents(body)) events.push(event);
  expect(events).toEqual([{ name: "message", data: "corazón" }]);
});

test("leaving the loop closes the stream", async () => {
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\ndata: 2\n\n")),
    cancel: () => {
      cancelled = true;
    },
  });
  for await (const _ of readEvents(body)) break;
  expect(cancelled).toBe(true);
});

test("a stream that has fallen silent is given up, comments keep it", async () => {
  vi.useFakeTimers();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
  });
  let over = false;
  const read = (async () => {
    for await (const _ of readEvents(body)) expect.unreachable();
    over = true;
  })();
  await vi.advanceTimersByTimeAsync(30_000);
  controller?.enqueue(new TextEncoder().encode(": alive\n\n"));
  await vi.advanceTimersByTimeAsync(39_000);
  expect(over).toBe(false);
  await vi.advanceTimersByTimeAsync(1_000);
  await read;
  vi.useRealTimers();
});
