/** What a connection needs of a WebSocket. */
export interface Socket {
  binaryType: string;
  readonly bufferedAmount: number;
  /** As `WebSocket.readyState`. */
  readonly readyState: number;
  onopen: (() => void) | null;
  onmessage: ((message: { data: unknown }) => void) | null;
  onclose: ((close: { code: number; reason: string }) => void) | null;
  send(data: string | ArrayBuffer): void;
  close(code?: number, reason?: string): void;
}

/** What a connection needs of its surroundings. */
export interface Environment {
  connect(url: string, protocols: string[]): Socket;
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** Runs `then` after `ms`, unless the function it returns is called first. */
  after(ms: number, then: () => void): () => void;
  /** 0 to 1. */
  random(): number;
}

/** The browser's. */
export const BROWSER: Environment = {
  connect: (url, protocols) => new WebSocket(url, protocols) as Socket,
  now: () => performance.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
