import { spoken } from "./harness/program.ts";
import { expect, test } from "./harness/test.ts";

test("a conversation outlives its connection", async ({ open, network }) => {
  const answer = spoken("I have had a headache since yesterday.");
  const visit = await open({ complains: /WebSocket|ERR_/ });
  await visit.begin();
  await expect(visit.caption("assistant").first()).toContainText(/\w+ \w+/, { timeout: 60_000 });
  const session = (await visit.event("session.created")).session as { id: string };

  network.cut();
  await expect(visit.page.getByText("Connection lost. Reconnecting…")).toBeVisible();
  network.mend();
  await expect(visit.page.getByText("Connection lost. Reconnecting…")).toBeHidden();
  expect(await visit.count("session.created"), "one session all along").toBe(1);

  await visit.say(answer);
  await expect(visit.caption("patient").first()).toContainText(/headache/i, { timeout: 60_000 });
  await expect(visit.caption("assistant").last()).toContainText(/\w+/, { timeout: 60_000 });
  await visit.page.getByRole("button", { name: "End consultation" }).click();
  await expect(visit.page.getByText(session.id)).toBeVisible();
});

test("without a network the page opens and says what it needs", async ({ open, network }) => {
  const visit = await open({ complains: /ERR_|Failed to load/ });
  await visit.page.evaluate(() => navigator.serviceWorker.ready);

  network.cut();
  await visit.context.setOffline(true);
  await visit.page.reload();
  await expect(visit.page.getByText("You are offline. Connect to the internet to start.")).toBeVisible();
  await visit.page.getByRole("button", { name: "Start consultation" }).click();
  await expect(visit.page.getByRole("alert")).toContainText("This device is offline.");

  await visit.context.setOffline(false);
  network.mend();
  await visit.begin();
  const kept = await visit.page.evaluate(async () => {
    const caches = await window.caches.keys();
    const requests = await Promise.all(caches.map(async (name) => (await window.caches.open(name)).keys()));
    return requests.flat().map(({ url }) => new URL(url).pathname);
  });
  expect(kept.filter((path) => /^\/(v1|ops)/.test(path))).toEqual([]);
});

test("a new release replaces the kept page at the next visit", async ({ open, network }) => {
  const visit = await open();
  await visit.page.evaluate(() => navigator.serviceWorker.ready);
  network.replace("/", (html) => html.replace("<title>Bedside</title>", "<title>Released anew</title>"));
  await visit.page.reload();
  await expect(visit.page).toHaveTitle("Released anew");
});
