import type { PulseWave } from "@bedside/client";

/** What a second takes, px; and how many are shown at least and at most. */
const SECOND = 56;
const LEAST_S = 3;
const MOST_S = 8;

/** Room above and below the wave, px. */
const MARGIN = 6;

/** Draws the seconds of `wave` that end at `head` (µs), the newest on the right, where a dot leads the line. */
export function drawPulse(
  context: CanvasRenderingContext2D,
  { width, height }: { width: number; height: number },
  wave: PulseWave,
  head: number,
  colours: { line: string; ground: string },
): void {
  const { samples, sampleRate, endUs } = wave;
  context.clearRect(0, 0, width, height);
  context.strokeStyle = colours.ground;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(0, height / 2);
  context.lineTo(width, height / 2);
  context.stroke();
  if (sampleRate === 0) return;

  const windowUs = Math.max(LEAST_S, Math.min(MOST_S, width / SECOND)) * 1e6;
  const startUs = endUs - (samples.length / sampleRate) * 1e6;
  const timeOf = (index: number) => startUs + (index / sampleRate) * 1e6;
  const first = Math.max(0, Math.floor(((head - windowUs - startUs) / 1e6) * sampleRate));
  const last = Math.min(samples.length, Math.ceil(((head - startUs) / 1e6) * sampleRate));
  let most = 0;
  for (let at = first; at < samples.length; at++) most = Math.max(most, Math.abs(samples[at] ?? 0));
  const scale = most > 0 ? (height / 2 - MARGIN) / most : 0;
  const dot = 4;
  const x = (index: number) => width - dot - 2 - ((head - timeOf(index)) / windowUs) * (width - dot);
  const y = (index: number) => height / 2 - (samples[index] ?? 0) * scale;

  context.strokeStyle = colours.line;
  context.lineWidth = 2.25;
  context.lineJoin = context.lineCap = "round";
  context.beginPath();
  for (let at = first; at < last; at++) context.lineTo(x(at), y(at));
  context.stroke();
  if (last > first) {
    context.fillStyle = colours.line;
    context.beginPath();
    context.arc(x(last - 1), y(last - 1), dot, 0, 2 * Math.PI);
    context.fill();
  }
}
