import type { Page } from "@playwright/test";
import { faceClip } from "./harness/program.ts";
import { expect, test, type Visit } from "./harness/test.ts";

/** Readings after the first, one a second, in which a figure settles. */
const SETTLED_READINGS = 5;

/** Types an answer and waits for the next question. */
async function answerInWriting(visit: Visit): Promise<void> {
  await expect(visit.caption("assistant").first()).toBeVisible({ timeout: 60_000 });
  await visit.page.getByLabel("Type instead of speaking").fill("My knee hurts.");
  await visit.page.getByRole("button", { name: "Send" }).click();
  await expect(visit.caption("patient").first()).toContainText("My knee hurts.");
  await expect(visit.answer()).toContainText(/\w/, { timeout: 60_000 });
}

/** A heart of the clip, beats a minute at the pace the clip was drawn for. */
const CLIP_BPM = 72;
const CLIP_FPS = 30;

test("the pulse is read from the face before the camera", async ({ open }) => {
  const visit = await open({ camera: { clip: faceClip(CLIP_BPM) } });
  await visit.begin();
  await expect(visit.page.getByTestId("heart-rate")).toBeVisible();
  const begun = await framesShown(visit.page);
  const bpm = visit.page.getByTestId("bpm");
  await expect(bpm).toBeVisible({ timeout: 90_000 });
  await visit.event("vitals.updated", (await visit.count("vitals.updated")) + SETTLED_READINGS);
  const ended = await framesShown(visit.page);

  // A busy machine plays the clip slower, and the heart in it beats slower.
  const fps = ((ended.frames - begun.frames) / (ended.ms - begun.ms)) * 1_000;
  const truth = CLIP_BPM * (fps / CLIP_FPS);
  const shown = Number(await bpm.innerText());
  console.log(`heart rate ${shown}, true ${truth.toFixed(1)} (clip at ${fps.toFixed(2)} pictures a second)`);
  expect(Math.abs(shown - truth)).toBeLessThanOrEqual(3);
});

test("who refuses the camera can talk", async ({ open }) => {
  const visit = await open({ camera: "refused" });
  await visit.begin();
  await expect(visit.page.getByText("The camera is off. That is fine")).toBeVisible();
  await expect(visit.page.getByTestId("activity")).toHaveAttribute("data-doing", "speaking", { timeout: 60_000 });
  await expect(visit.page.getByRole("button", { name: "Mute microphone" })).toBeVisible();
});

test("who refuses the microphone can type, and is still seen", async ({ open }) => {
  const visit = await open({ microphone: "refused", camera: { clip: faceClip(72) } });
  await visit.begin();
  await expect(visit.page.getByText("The microphone is off. Type below")).toBeVisible();
  await expect(visit.page.getByTestId("heart-rate")).toBeVisible();
  await answerInWriting(visit);
});

test("who refuses both can type", async ({ open }) => {
  const visit = await open({ microphone: "refused", camera: "refused" });
  await visit.begin();
  await answerInWriting(visit);
});

/** How many pictures of the camera the page was given, and when, ms. */
async function framesShown(page: Page): Promise<{ frames: number; ms: number }> {
  return page.evaluate(() => {
    const quality = document.querySelector("video")?.getVideoPlaybackQuality();
    return { frames: quality?.totalVideoFrames ?? 0, ms: performance.now() };
  });
}
