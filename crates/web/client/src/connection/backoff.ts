const FIRST_MS = 250;
const LONGEST_MS = 4_000;

/**
 * The wait before the attempt of this number, from zero: doubling, and spread over its upper half by `random` (0 to 1),
 * so that the clients of a server that went away do not come back in step.
 */
export function backoffMs(attempt: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
  return full * (0.5 + random / 2);
}
