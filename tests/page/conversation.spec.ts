import { join } from "node:path";
import { heard, silenceAfter } from "./harness/output.ts";
import { MADE, spoken, transcribed } from "./harness/program.ts";
import { RECORDING } from "./harness/recording.ts";
import { expect, STRICT, test } from "./harness/test.ts";
import { padded, readWav, writeWav } from "./harness/wav.ts";
import { wordError } from "./harness/words.ts";

/** Between two words of an answer. */
const LONGEST_PAUSE_S = 0.7;

test("what a person says is written down, first as a guess and then for good", async ({ open }) => {
  const wav = join(MADE, "recording.wav");
  writeWav(wav, padded(readWav(RECORDING.path), 3, 60));
  const visit = await open({ microphone: { wav } });
  await visit.begin();

  const said = async () => (await visit.caption("patient").locator("p").allTextContents()).join(" ");
  await expect.poll(async () => wordError(await said(), RECORDING.words), { timeout: 60_000 }).toBeLessThan(0.25);
  const guesses = await visit.written("patient", "partial");
  expect(guesses.filter((text) => text !== "")).not.toEqual([]);
  await expect(visit.caption("patient").and(visit.page.locator('[data-state="partial"]'))).toHaveCount(0);
});

test("the answer is heard as it is written", async ({ open }) => {
  const visit = await open();
  await visit.begin();
  await expect(visit.caption("assistant").first()).toHaveAttribute("data-state", "final", { timeout: 60_000 });
  await visit.event("response.done");

  const wav = join(MADE, "greeting.wav");
  writeWav(wav, await heard(visit.page));
  const written = await visit.caption("assistant").first().locator("p").innerText();
  const said = transcribed(wav);
  expect(wordError(said, written), `written: ${written}\nheard: ${said}`).toBeLessThan(0.15);
});

test("speaking over the answer silences it at once", async ({ open }) => {
  const question = spoken("Excuse me, I have a question about my appointment.");
  const visit = await open();
  await visit.begin();
  // Of an answer that is cut before its first word was heard, nothing is left to be seen.
  await expect(visit.caption("assistant").first()).toContainText("automated", { timeout: 60_000 });
  const spokenAt = await visit.say(question);
  await visit.event("input_audio_buffer.speech_stopped");

  const { afterEventMs, latencyMs, at } = await silenceAfter(visit.page, "input_audio_buffer.speech_started");
  console.log(
    `silent ${afterEventMs.toFixed(1)} ms after the page heard of the speech, ` +
      `${((at - spokenAt) * 1_000).toFixed(0)} ms after its first sample; output latency ${latencyMs.toFixed(1)} ms`,
  );
  expect(at, "the answer was being heard").toBeGreaterThan(spokenAt - LONGEST_PAUSE_S);
  expect(afterEventMs + latencyMs).toBeLessThanOrEqual(STRICT ? 150 : 300);
  await expect(visit.caption("assistant").first()).toHaveAttribute("data-state", "interrupted");
  await expect(visit.caption("patient").first()).toContainText(/appointment/i);
});
