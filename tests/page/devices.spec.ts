import { faceClip } from "./harness/program.ts";
import { expect, test, type Visit } from "./harness/test.ts";

/** Types an answer and waits for the next question. */
async function answerInWriting(visit: Visit): Promise<void> {
  await expect(visit.caption("assistant").first()).toBeVisible({ timeout: 60_000 });
  await visit.page.getByLabel("Type instead of speaking").fill("My knee hurts.");
  await visit.page.getByRole("button", { name: "Send" }).click();
  await expect(visit.caption("patient").first()).toContainText("My knee hurts.");
  await expect(visit.caption("assistant").nth(1)).toContainText(/\w/, { timeout: 60_000 });
}

test("the pulse is read from the face before the camera", async ({ open }) => {
  const truth = 72;
  const visit = await open({ camera: { clip: faceClip(truth) } });
  await visit.begin();
  const bpm = visit.page.getByTestId("bpm");
  await expect(bpm).toBeVisible({ timeout: 90_000 });
  await expect
    .poll(async () => Math.abs(Number(await bpm.innerText()) - truth), { timeout: 60_000 })
    .toBeLessThanOrEqual(3);
  // And it stays there.
  const readings = await visit.page.evaluate(
    () => window.watched.events.filter(({ type }) => type === "vitals.updated").length,
  );
  await visit.event("vitals.updated", readings + 4);
  expect(Math.abs(Number(await bpm.innerText()) - truth)).toBeLessThanOrEqual(3);
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
