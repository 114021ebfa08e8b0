/** A server that does not answer within this cannot be reached, ms. */
const ANSWER_MS = 8_000;

/** Why no consultation came about. */
export type Problem =
  | { name: "offline" }
  | { name: "unreachable" }
  /** No key, or one that is no longer valid. */
  | { name: "no_permission" }
  /** This address is not for this browser, or no such consultation. */
  | { name: "not_available" }
  /** Full, or about to be stopped; `retryS` is how long to wait, where the server says so. */
  | { name: "busy"; retryS: number | undefined };

interface Asked {
  /** Of the server, without a slash at the end. */
  origin: string;
  key: string | undefined;
  model: string | undefined;
}

/**
 * Finds out why a handshake failed. A browser is told nothing of a refusal, so the server is asked again in a way that it
 * can answer.
 */
export async function findProblem({ origin, key, model }: Asked, ask: typeof fetch = fetch): Promise<Problem> {
  if (!navigator.onLine) return { name: "offline" };
  try {
    const ready = await ask(`${origin}/readyz`, { cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) });
    if (!ready.ok) return { name: "busy", retryS: retryAfter(ready) };
    const query = model === undefined ? "" : `?model=${encodeURIComponent(model)}`;
    // Without an upgrade it answers as a handshake would, up to where it would be upgraded.
    const door = await ask(`${origin}/v1/realtime${query}`, {
      cache: "no-store",
      signal: AbortSignal.timeout(ANSWER_MS),
      ...(key !== undefined && { headers: { Authorization: `Bearer ${key}` } }),
    });
    return problemOf(door);
  } catch {
    return { name: "unreachable" };
  }
}

function problemOf(door: Response): Problem {
  switch (door.status) {
    case 401:
      return { name: "no_permission" };
    case 400:
    case 403:
    case 404:
      return { name: "not_available" };
    // 426: nothing is in the way any more, so what was has passed.
    case 426:
    case 429:
    case 503:
      return { name: "busy", retryS: retryAfter(door) };
    default:
      return { name: "unreachable" };
  }
}

function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get("Retry-After") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : undefined;
}
