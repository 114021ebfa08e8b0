import { expect, test } from "./harness/test.ts";

test("who reads Spanish is met in Spanish", async ({ open }) => {
  const visit = await open({ context: { locale: "es-MX" } });
  await expect(visit.page.locator("html")).toHaveAttribute("lang", "es");
  await visit.begin();
  await expect(visit.page.getByRole("button", { name: "Terminar la consulta" })).toBeVisible();
  await expect(visit.caption("assistant").first()).toContainText(/\w+ \w+/, { timeout: 60_000 });
  await visit.page.getByRole("button", { name: "Terminar la consulta" }).click();
  await expect(visit.page.getByRole("heading", { name: "Resumen de su consulta" })).toBeVisible();
});

test("the language is chosen once", async ({ open }) => {
  const visit = await open();
  await visit.page.getByRole("radio", { name: "Español" }).check({ force: true });
  await expect(visit.page.getByRole("button", { name: "Empezar la consulta" })).toBeVisible();
  await visit.page.reload();
  await expect(visit.page.getByRole("button", { name: "Empezar la consulta" })).toBeVisible();
});
