import type { Environment, Socket } from "../src/connection/environment.js";

export class FakeSocket implements Socket {
  binaryType = "blob";
  bufferedAmount = 0;
  onopen: Socket["onopen"] = null;
  onmessage: Socket["onmessage"] = null;
  onclose: Socket["onclose"] = null;
  readyState = 1;
  readonly sent: (string | ArrayBuffer)[] = [];
  closed: number | undefined | null = null;

  constructor(
    readonly url: URL,
    readonly protocols: string[],
  ) {}

  send(data: string | ArrayBuffer): void {
    this.sent.push(data);
  }

  close(code?: number): void {
    this.closed = code;
  }

  say(event: object): void {
    this.onmessage?.({ data: JSON.stringify(event) });
  }

  lose(code = 1006): void {
    this.onclose?.({ code, reason: "" });
  }
}

/** Surroundings whose time passes when the test says so. */
export class FakeEnvironment implements Environment {
  readonly sockets: FakeSocket[] = [];
  #now = 0;
  #timers: { at: number; then: () => void }[] = [];

  connect(url: string, protocols: string[]): Socket {
    const socket = new FakeSocket(new URL(url), protocols);
    this.sockets.push(socket);
    return socket;
  }

  now(): number {
    return this.#now;
  }

  random(): number {
    return 1;
  }

  after(ms: number, then: () => void): () => void {
    const timer = { at: this.#now + ms, then };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Lets `ms` pass, timer by timer. */
  pass(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = next.at;
      next.then();
    }
    this.#now = until;
  }

  get pending(): number {
    return this.#timers.length;
  }

  /** The newest socket. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("nothing connected");
    return socket;
  }
}
