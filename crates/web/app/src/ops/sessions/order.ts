import type { SessionView } from "../api/types";

/** What sessions can be put in order by. */
export const SORT_KEYS = ["id", "connection", "activity", "age", "turns", "latency", "scan", "waiting"] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export interface Order {
  by: SortKey;
  descending: boolean;
}

/** Newcomers at the end: rows stay where they are. */
export const FIRST_ORDER: Order = { by: "age", descending: true };

const KEYS: Record<SortKey, (session: SessionView) => string | number | null> = {
  id: ({ id }) => id,
  connection: ({ connection }) => connection,
  activity: ({ activity }) => activity,
  age: ({ started_at_ms }) => -started_at_ms,
  turns: ({ turns }) => turns,
  latency: ({ last_turn }) => last_turn?.voice_to_voice ?? null,
  scan: ({ scan }) => scan,
  waiting: ({ waiting_bytes }) => waiting_bytes,
};

/** A copy in order. What has no such figure comes last either way; equals stay in the order they began. */
export function ordered(sessions: readonly SessionView[], { by, descending }: Order): SessionView[] {
  const key = KEYS[by];
  const sign = descending ? -1 : 1;
  return sessions.toSorted((a, b) => {
    const [left, right] = [key(a), key(b)];
    if (left === right) return a.started_at_ms - b.started_at_ms || (a.id < b.id ? -1 : 1);
    if (left === null) return 1;
    if (right === null) return -1;
    return (left < right ? -1 : 1) * sign;
  });
}

/** What a press on a column's head makes of the order: figures begin with the largest. */
export function pressed(order: Order, by: SortKey): Order {
  if (order.by === by) return { by, descending: !order.descending };
  return { by, descending: ["age", "turns", "latency", "waiting"].includes(by) };
}
