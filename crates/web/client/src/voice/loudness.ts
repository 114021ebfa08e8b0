/** Quieter than this is shown as nothing, dB of full scale. */
const FLOOR_DB = -60;

/** How loud PCM16 sounds, 0 to 1 over sixty decibels. */
export function loudness(pcm: Uint8Array): number {
  const view = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  const samples = pcm.byteLength >> 1;
  let sum = 0;
  for (let at = 0; at < samples; at++) sum += (view.getInt16(at * 2, true) / 0x8000) ** 2;
  if (sum === 0) return 0;
  const db = 10 * Math.log10(sum / samples);
  return Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
}
