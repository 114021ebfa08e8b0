/** Sample rates of `audio/pcm`, in Hz. */
export const PCM_RATES = [8_000, 16_000, 22_050, 24_000, 44_100, 48_000] as const;

/** A sample rate of `audio/pcm`, in Hz. */
export type PcmRate = (typeof PCM_RATES)[number];

/** How audio is encoded in one direction; always one channel. */
export type AudioFormat =
  | { type: "audio/pcm"; rate?: PcmRate }
  | { type: "audio/pcmu" }
  | { type: "audio/pcma" }
  | { type: "audio/opus" };

/** Whether `rate`, in Hz, can be sent and asked for as it is. */
export function isPcmRate(rate: number): rate is PcmRate {
  return (PCM_RATES as readonly number[]).includes(rate);
}
