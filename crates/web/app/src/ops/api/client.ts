import { createContext, useContext } from "react";
import { Failure, refusal } from "./failure";
import { parseAudit, parseHistory, parseNode, parseSessions } from "./parse";
import { readEvents, type StreamEvent } from "./sse";
import type { AuditEntry, HistoryView, NodeView, SessionView } from "./types";

/** Whoever has not answered by then is taken for gone, ms. */
const TIMEOUT_MS = 8_000;

/** The operations API of one server. The key lives here and nowhere else: it is gone with the page. */
export class OpsClient {
  readonly #key: string | undefined;
  readonly #onKeyAsked: (() => void) | undefined;

  /** `onKeyAsked` when the server wants a key, or another one. */
  constructor(key?: string, onKeyAsked?: () => void) {
    this.#key = key;
    this.#onKeyAsked = onKeyAsked;
  }

  async node(signal?: AbortSignal): Promise<NodeView> {
    return parseNode(await this.#json("node", signal));
  }

  async history(signal?: AbortSignal): Promise<HistoryView> {
    return parseHistory(await this.#json("history", signal));
  }

  async sessions(signal?: AbortSignal): Promise<SessionView[]> {
    return parseSessions(await this.#json("sessions", signal));
  }

  async audit(signal?: AbortSignal): Promise<AuditEntry[]> {
    return parseAudit(await this.#json("audit", signal));
  }

  async end(session: string): Promise<void> {
    await this.#post(`sessions/${encodeURIComponent(session)}/end`);
  }

  async setAccepting(accepting: boolean): Promise<void> {
    await this.#post("admission", { accepting });
  }

  /** Cannot be undone. */
  async drain(withinS: number): Promise<void> {
    await this.#post("drain", { within_s: withinS });
  }

  /** What happens in a session from now on. Every call is recorded in the audit log of the server. */
  async *watch(session: string, signal: AbortSignal): AsyncGenerator<StreamEvent> {
    const headers = { ...this.#headers(), accept: "text/event-stream" };
    const path = `sessions/${encodeURIComponent(session)}/events`;
    const body = await this.#fetch(path, { headers }, async ({ body }) => body, signal);
    if (body === null) throw new Failure("unreadable");
    try {
      yield* readEvents(body);
    } catch (error) {
      throw signal.aborted ? error : new Failure("unreachable");
    }
  }

  #json(path: string, signal?: AbortSignal): Promise<unknown> {
    return this.#fetch(path, { headers: this.#headers() }, readJson, signal);
  }

  async #post(path: string, body?: object): Promise<void> {
    const headers: Record<string, string> = this.#headers();
    const request: RequestInit = { method: "POST", headers };
    if (body !== undefined) {
      headers["content-type"] = "application/json";
      request.body = JSON.stringify(body);
    }
    await this.#fetch(path, request, async () => undefined);
  }

  /** What `read` makes of an answer of 2xx, both within the time a server has. */
  async #fetch<T>(
    path: string,
    request: RequestInit,
    read: (response: Response) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), TIMEOUT_MS);
    const signals = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
    try {
      const response = await fetch(`/ops/api/${path}`, { ...request, cache: "no-store", signal: signals });
      if (!response.ok) throw await refusal(response);
      return await read(response);
    } catch (error) {
      if (error instanceof Failure && error.kind === "key") this.#onKeyAsked?.();
      if (error instanceof Failure || signal?.aborted) throw error;
      throw new Failure(late.signal.aborted ? "timeout" : "unreachable");
    } finally {
      clearTimeout(timer);
    }
  }

  #headers(): Record<string, string> {
    return this.#key === undefined ? {} : { authorization: `Bearer ${this.#key}` };
  }
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Failure("unreadable");
  }
}

export const ClientContext = createContext(new OpsClient());

/** The client of the page around. */
export function useClient(): OpsClient {
  return useContext(ClientContext);
}
