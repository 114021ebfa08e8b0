/**
 * How much of a part was heard, in whole milliseconds, when `samples` of it at `rate` Hz were handed to a device that
 * is `latency` seconds behind. Rounded down: a server refuses more than there is.
 */
export function heardMs(samples: number, rate: number, latency: number): number {
  return Math.max(0, Math.floor((samples / rate - latency) * 1_000));
}
