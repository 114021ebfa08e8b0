import type { NodeView } from "../api/types";
import type { Format } from "../format";

type Counters = NodeView["counters"];

/** Counters that tell of trouble; the faults of all stages are one of them. */
const TROUBLE = [
  "sessions_refused",
  "slow_clients",
  "client_mistakes",
  "audio_lost_ms",
  "audio_dropped_ms",
  "budget_exceeded",
] as const;

/** What went wrong since the start, worst first: faults of our own before anybody else's. */
export function trouble(counters: Counters): { name: string; value: number }[] {
  const values = new Map(counters.map(({ name, value }) => [name, value]));
  const faults = counters.filter(({ name }) => name.endsWith("_faults"));
  const rest = TROUBLE.flatMap((name) => {
    const value = values.get(name);
    return value === undefined ? [] : [{ name, value }];
  });
  if (faults.length === 0) return rest;
  return [{ name: "faults", value: faults.reduce((sum, { value }) => sum + value, 0) }, ...rest];
}

/** A counter's value in the unit its name ends in. */
export function counted(format: Format, { name, value }: Counters[number]): string {
  return name.endsWith("_ms") ? format.ms(value) : format.count(value);
}
