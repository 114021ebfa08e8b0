import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { faceClip, spoken } from "./harness/program.ts";
import { expect, test } from "./harness/test.ts";

const IMAGES = fileURLToPath(new URL("../../docs/images/", import.meta.url));
mkdirSync(IMAGES, { recursive: true });

const SCREENS = {
  phone: { viewport: { width: 360, height: 800 } },
  desktop: { viewport: { width: 1280, height: 800 } },
};

/** Keeps what is to be seen as `docs/images/NAME.webp`. */
async function keep(page: Page, name: string): Promise<void> {
  const png = `${IMAGES}${name}.png`;
  await page.screenshot({ path: png, animations: "disabled", caret: "hide" });
  const webp = ["-c:v", "libwebp", "-quality", "72", `${IMAGES}${name}.webp`];
  execFileSync("ffmpeg", ["-loglevel", "error", "-y", "-i", png, ...webp]);
  rmSync(png);
}

for (const [screen, context] of Object.entries(SCREENS)) {
  test(`a consultation on a ${screen}`, async ({ open }) => {
    const answer = spoken("I have had a headache for three days.");
    const visit = await open({ camera: { clip: faceClip(72) }, context });
    await keep(visit.page, `start-${screen}`);
    await visit.begin();
    await expect(visit.page.getByTestId("bpm")).toBeVisible({ timeout: 90_000 });
    await visit.say(answer);
    await visit.event("conversation.item.input_audio_transcription.completed");
    await expect(visit.answer()).toHaveAttribute("data-state", "final", { timeout: 60_000 });
    await keep(visit.page, `consultation-${screen}`);
    await visit.page.getByRole("button", { name: "End consultation" }).click();
    await expect(visit.page.getByRole("heading", { name: "Summary of your consultation" })).toBeVisible();
    await keep(visit.page, `summary-${screen}`);
  });
}

test("the console on a desktop", async ({ open }) => {
  const patient = await open();
  await patient.begin();
  await patient.event("response.done");
  const operator = await open({ path: "/ops", context: { ...SCREENS.desktop, colorScheme: "dark" } });
  await expect(operator.page.getByText("Voice to voice").first()).toBeVisible();
  await keep(operator.page, "console-desktop");
});
