import { expectAccessible } from "./harness/axe.ts";
import { expect, test } from "./harness/test.ts";

test("an operator sees a session, watches it, and ends it", async ({ open }) => {
  const patient = await open();
  await patient.begin();
  await expect(patient.caption("assistant").first()).toContainText(/\w+ \w+/, { timeout: 60_000 });
  const { id } = (await patient.event("session.created")).session as { id: string };

  const operator = await open({ path: "/ops", context: { viewport: { width: 1280, height: 800 } } });
  await expect(operator.page.getByRole("region", { name: "Providers" })).toContainText("local");
  await expectAccessible(operator.page, "overview");
  await operator.page.getByRole("link", { name: "Sessions" }).click();
  await operator.page.getByRole("link", { name: id }).click();
  await expectAccessible(operator.page, "session");
  await operator.page.getByRole("button", { name: "Watch", exact: true }).click();
  await expect(operator.page.getByText("Watching live.")).toBeVisible();
  await patient.page.getByLabel("Type instead of speaking").fill("My left knee hurts.");
  await patient.page.getByRole("button", { name: "Send" }).click();
  await expect(operator.page.getByText("My left knee hurts.")).toBeVisible();
  await expectAccessible(operator.page, "watching");

  await operator.page.getByRole("button", { name: "End session" }).click();
  await operator.page.getByRole("button", { name: "End now" }).click();
  await expect(patient.page.getByText("The consultation was ended by the service.")).toBeVisible();

  await operator.page.getByRole("link", { name: "Audit log" }).click();
  await expect(operator.page.getByText("Ended a session").first()).toBeVisible();
  await expect(operator.page.getByText("Watched a session").first()).toBeVisible();
  await expectAccessible(operator.page, "audit");
});

test("an operator stops new sessions, and patients are told", async ({ open }) => {
  const operator = await open({ path: "/ops", context: { viewport: { width: 360, height: 800 } } });
  const patient = await open({ complains: /503/ });
  await operator.page.getByRole("button", { name: "Stop taking sessions" }).click();
  await expect(operator.page.getByText("Not taking sessions", { exact: true })).toBeVisible();
  await patient.page.getByRole("button", { name: "Start consultation" }).click();
  await expect(patient.page.getByRole("alert")).toContainText("All places are taken right now.");
  await operator.page.getByRole("button", { name: "Take sessions again" }).click();
  await expect(operator.page.getByText("Taking sessions", { exact: true })).toBeVisible();
  await patient.begin();
  await expectAccessible(operator.page, "overview on a phone");
});
