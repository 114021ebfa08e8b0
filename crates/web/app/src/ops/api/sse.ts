/** An event of a stream: `message` where it has no name of its own. */
export interface StreamEvent {
  name: string;
  data: string;
}

/** An event longer than this is no event of ours, characters. */
const LONGEST = 4 << 20;

/** A server that is there says so every 15 s, if only by a comment; one silent for longer than this is gone, ms. */
const SILENCE_MS = 40_000;

/** Takes a `text/event-stream` apart as it comes, in pieces of any size. */
export class EventStreamParser {
  #rest = "";
  #name = "";
  #data: string[] = [];
  #length = 0;
  /** The piece before ended in a carriage return: a line feed at the start of this one belongs to it. */
  #returned = false;

  /** The events that are whole with this piece. */
  push(piece: string): StreamEvent[] {
    let text = piece;
    if (this.#returned && text !== "") {
      if (text.startsWith("\n")) text = text.slice(1);
      this.#returned = false;
    }
    if (text.endsWith("\r")) this.#returned = true;
    const lines = (this.#rest + text).split(/\r\n|\r|\n/);
    this.#rest = lines.pop() ?? "";
    const events: StreamEvent[] = [];
    for (const line of lines) this.#line(line, events);
    if (this.#rest.length + this.#length > LONGEST) throw new Error("event too long");
    return events;
  }

  #line(line: string, events: StreamEvent[]): void {
    if (line === "") {
      if (this.#data.length > 0) events.push({ name: this.#name || "message", data: this.#data.join("\n") });
      this.#name = "";
      this.#data = [];
      this.#length = 0;
      return;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#name = value;
    else if (field === "data") {
      this.#data.push(value);
      this.#length += value.length;
    }
  }
}

/** The events of a response's body, to its end or to a silence too long. Leaving the loop early closes it. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = new EventStreamParser();
  try {
    for (;;) {
      const silence = setTimeout(() => void reader.cancel().catch(() => undefined), SILENCE_MS);
      const { done, value } = await reader.read().finally(() => clearTimeout(silence));
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
