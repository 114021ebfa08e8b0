import type { Page } from "@playwright/test";
import type { Sound } from "./wav.ts";

/** Quieter than this is silence: the rounding of 16 bits. */
const SILENCE = 2 / 32_768;

/** All that went to the page's loudspeaker, sample by sample. */
export async function heard(page: Page): Promise<Sound> {
  const { rate, stretches } = await page.evaluate(() => ({
    rate: window.watched.output?.sampleRate ?? 0,
    stretches: window.watched.played.map(({ frame, samples }) => ({ frame, samples: Array.from(samples) })),
  }));
  const first = stretches[0]?.frame ?? 0;
  const last = stretches.at(-1);
  const samples = new Int16Array(last === undefined ? 0 : last.frame + last.samples.length - first);
  for (const stretch of stretches) {
    samples.set(
      stretch.samples.map((sample) => Math.round(Math.max(-1, Math.min(1, sample)) * 32_767)),
      stretch.frame - first,
    );
  }
  return { rate, samples };
}

/**
 * How long after the first event of `type` the page's output still made a sound, ms, if it is silent until the patient
 * stops speaking; when that was, s of the output's clock; and how much later a sample is heard, ms.
 */
export async function silenceAfter(
  page: Page,
  type: string,
): Promise<{ afterEventMs: number; at: number; latencyMs: number }> {
  return page.evaluate(
    ([wanted, silence]) => {
      const { events, played, output } = window.watched;
      const start = events.find((event) => event.type === wanted)?.outputTime;
      const stop = events.find((event) => event.type === "input_audio_buffer.speech_stopped")?.outputTime;
      if (output === undefined || start === undefined || stop === undefined) throw new Error("nobody spoke");
      let last = 0;
      for (const { frame, samples } of played) {
        const loud = samples.findLastIndex((sample) => Math.abs(sample) > silence);
        const time = (frame + loud) / output.sampleRate;
        if (loud >= 0 && time < stop) last = Math.max(last, time);
      }
      if (last === 0) throw new Error("nothing was heard");
      const latency = output.baseLatency + output.outputLatency;
      return { afterEventMs: (last - start) * 1_000, at: last, latencyMs: latency * 1_000 };
    },
    [type, SILENCE] as const,
  );
}
