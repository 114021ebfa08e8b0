import { Failure } from "../api/failure";

/** What is known of something asked for again and again. */
export interface Polled<T> {
  /** The newest answer, however old. */
  value: T | undefined;
  /** When it came, on the clock of this browser, ms. */
  at: number | undefined;
  /** Why the last attempt came to nothing, if it did. */
  failure: Failure | undefined;
}

export interface PollOptions<T> {
  ask: (signal: AbortSignal) => Promise<T>;
  /** From one answer to the next question. */
  everyMs: number;
  onChange: (polled: Polled<T>) => void;
}

/** Nothing is asked more seldom than this, however often it failed, ms. */
const LONGEST_PAUSE_MS = 10_000;

/** Asks for something while the page is looked at: never twice at a time, at once on return, more slowly after failures. */
export class Poller<T> {
  readonly #options: PollOptions<T>;
  #polled: Polled<T> = { value: undefined, at: undefined, failure: undefined };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | undefined;
  #failures = 0;
  #running = false;

  constructor(options: PollOptions<T>) {
    this.#options = options;
  }

  start(): void {
    this.#running = true;
    document.addEventListener("visibilitychange", this.#seen);
    this.#seen();
  }

  stop(): void {
    this.#running = false;
    document.removeEventListener("visibilitychange", this.#seen);
    this.#rest();
  }

  /** Asks now: something was changed. What is on its way may be older than the change and is not waited for. */
  refresh(): void {
    if (!this.#running || document.hidden) return;
    this.#rest();
    void this.#ask();
  }

  readonly #seen = () => {
    if (document.hidden) this.#rest();
    else this.refresh();
  };

  #rest(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#asking = undefined;
  }

  async #ask(): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    const polled = await this.#options.ask(asking.signal).then(
      (value): Polled<T> => ({ value, at: Date.now(), failure: undefined }),
      (error: unknown): Polled<T> => ({
        ...this.#polled,
        failure: error instanceof Failure ? error : new Failure("unreadable"),
      }),
    );
    if (this.#asking !== asking) return;
    this.#asking = undefined;
    this.#failures = polled.failure === undefined ? 0 : this.#failures + 1;
    this.#polled = polled;
    this.#timer = setTimeout(() => void this.#ask(), this.#pause());
    this.#options.onChange(polled);
  }

  #pause(): number {
    return Math.min(
      this.#options.everyMs * 2 ** Math.min(this.#failures, 8),
      Math.max(LONGEST_PAUSE_MS, this.#options.everyMs),
    );
  }
}
