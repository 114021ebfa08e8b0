import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";
import { expect, test } from "./harness/test.ts";

test("the summary can be kept: printed, or as data", async ({ open }) => {
  const visit = await open();
  await visit.begin();
  await expect(visit.caption("assistant").first()).toContainText(/\w+ \w+/, { timeout: 60_000 });
  await visit.page.getByLabel("Type instead of speaking").fill("My left knee hurts.");
  await visit.page.getByRole("button", { name: "Send" }).click();
  await expect(visit.caption("patient").first()).toContainText("My left knee hurts.");
  await visit.page.getByRole("button", { name: "End consultation" }).click();
  await expect(visit.page.getByRole("heading", { name: "Summary of your consultation" })).toBeFocused();
  await expect(visit.page.getByText("My left knee hurts.")).toBeVisible();

  const downloading = visit.page.waitForEvent("download");
  await visit.page.getByRole("button", { name: "Download data" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(/^consultation-.*\.json$/);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  const data = JSON.parse(Buffer.concat(chunks).toString("utf8")) as Record<string, unknown>;
  expect(JSON.stringify(data)).toContain("My left knee hurts.");

  const pdf = await visit.page.pdf();
  expect(await textOf(pdf)).toContain("My left knee hurts.");
  await visit.page.emulateMedia({ media: "print" });
  await expect(visit.page.getByText("My left knee hurts.")).toBeVisible();
  await expect(visit.page.getByRole("button", { name: "Start again" })).toBeHidden();
});

/** The text on the pages of a PDF. */
async function textOf(pdf: Buffer): Promise<string> {
  const file = await getDocument({ data: new Uint8Array(pdf), useSystemFonts: true, verbosity: 0 }).promise;
  const pages = [];
  for (let number = 1; number <= file.numPages; number += 1) {
    const { items } = await (await file.getPage(number)).getTextContent();
    pages.push(...items.map((item) => ("str" in item ? item.str : "")));
  }
  return pages.join(" ").replace(/\s+/g, " ");
}
