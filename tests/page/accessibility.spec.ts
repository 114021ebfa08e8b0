import type { Page } from "@playwright/test";
import { expectAccessible } from "./harness/axe.ts";
import { faceClip } from "./harness/program.ts";
import { expect, test } from "./harness/test.ts";

for (const [device, viewport] of [
  ["a phone", { width: 360, height: 800 }],
  ["a desktop", { width: 1280, height: 800 }],
] as const) {
  test(`every view of the patient can be used by everybody on ${device}`, async ({ open }) => {
    const visit = await open({ camera: { clip: faceClip(72) }, context: { viewport } });
    await expectAccessible(visit.page, "start");
    await visit.begin();
    await expect(visit.caption("assistant").first()).toContainText(/\w+ \w+/, { timeout: 60_000 });
    await expect(visit.page.getByTestId("bpm")).toBeVisible({ timeout: 90_000 });
    await expectAccessible(visit.page, "consultation");
    await expectNoSidewaysScroll(visit.page);
    await visit.page.getByRole("button", { name: "End consultation" }).click();
    await expect(visit.page.getByRole("heading", { name: "Summary of your consultation" })).toBeVisible();
    await expectAccessible(visit.page, "summary");
    await expectNoSidewaysScroll(visit.page);
  });
}

test("a consultation is begun and ended by the keyboard alone", async ({ open }) => {
  const { page } = await open();
  await press(page, "Start consultation");
  await expect(page.getByTestId("activity")).toBeVisible();
  await press(page, "End consultation");
  await expect(page.getByRole("heading", { name: "Summary of your consultation" })).toBeFocused();
});

/** Goes to a button with the tab key, and presses it. */
async function press(page: Page, name: string): Promise<void> {
  const button = page.getByRole("button", { name });
  for (let steps = 0; steps < 30; steps += 1) {
    await page.keyboard.press("Tab");
    if (await button.evaluate((element) => element === document.activeElement)) return page.keyboard.press("Enter");
  }
  throw new Error(`${name} cannot be reached by keyboard`);
}

async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(beyond, "px wider than the screen").toBeLessThanOrEqual(0);
}
