import { existsSync, readFileSync, writeFileSync } from "node:fs";
import {
  type BrowserContext,
  type BrowserContextOptions,
  test as base,
  chromium,
  expect,
  type Page,
} from "@playwright/test";
import { Gateway } from "./gateway.ts";
import { TAP_PATH, watch } from "./in-page.ts";
import { type Server, startServer } from "./program.ts";

export { expect };

/** Whether times are held to what is promised. Machines that do something else besides are given more. */
export const STRICT = process.env.E2E_STRICT !== undefined;

const CHROMIUMS = ["chromium", "chromium-browser", "google-chrome"].map((name) => `/usr/bin/${name}`);
const CHROMIUM = process.env.CHROMIUM ?? CHROMIUMS.find(existsSync) ?? "chromium";

export interface VisitOptions {
  /** `told`: it hears what `say` says. A path: it hears that WAV file, once, from when it is opened. */
  microphone?: "told" | "refused" | { wav: string };
  /** A motion JPEG that the camera sees. */
  camera?: "refused" | { clip: string };
  /** What is opened: a path, or another address. */
  path?: string;
  context?: BrowserContextOptions;
  /** What the browser may complain of, as the test makes it. */
  complains?: RegExp;
}

/** A patient before the page. */
export class Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly origin: string;
  /** What the browser complained of. */
  readonly complaints: string[] = [];
  /** Addresses of other hosts that were asked. */
  readonly foreign: string[] = [];

  constructor(page: Page, origin: string, expected = /^$/) {
    this.page = page;
    this.context = page.context();
    this.origin = origin;
    page.on("console", (message) => {
      const text = message.text();
      if (["error", "warning"].includes(message.type()) && !expected.test(text)) this.complaints.push(text);
    });
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    this.context.on("request", (request) => {
      if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== origin) {
        this.foreign.push(request.url());
      }
    });
  }

  /** Presses the start button and waits until the patient can talk. */
  async begin(): Promise<void> {
    await this.page.getByRole("button", { name: /Start consultation|Empezar/ }).click();
    await expect(this.page.getByTestId("activity")).toBeVisible();
  }

  /** Says a WAV file into a microphone that is `told`; gives when its first sample went in, in s of the page's output. */
  async say(file: string): Promise<number> {
    const wav = readFileSync(file).toString("base64");
    return this.page.evaluate((sound) => window.watched.say(sound), wav);
  }

  /** Waits for an event of the server, the `nth` of its type. */
  async event(type: string, nth = 0): Promise<Record<string, unknown>> {
    const seen = await this.page.waitForFunction(
      ([wanted, index]) => window.watched.events.filter((event) => event.type === wanted)[index],
      [type, nth] as const,
      { timeout: 60_000 },
    );
    return ((await seen.jsonValue()) as { event: Record<string, unknown> }).event;
  }

  /** What the page wrote for one of the two, in every state it was seen in. */
  async written(speaker: "patient" | "assistant", state: string): Promise<string[]> {
    const captions = await this.page.evaluate(() => window.watched.captions);
    return captions.filter((seen) => seen.speaker === speaker && seen.state === state).map(({ text }) => text);
  }

  /** How many events of a type came. */
  count(type: string): Promise<number> {
    return this.page.evaluate((wanted) => window.watched.events.filter((event) => event.type === wanted).length, type);
  }

  /** What the assistant says after the patient said something. */
  answer() {
    return this.page.locator('[data-speaker="patient"] ~ [data-speaker="assistant"]').first();
  }

  caption(speaker: "patient" | "assistant") {
    return this.page.locator(`[data-speaker="${speaker}"]`);
  }
}

interface TestFixtures {
  open: (options?: VisitOptions) => Promise<Visit>;
}

interface WorkerFixtures {
  server: Server;
  /** The network between page and server. */
  network: Gateway;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  server: [
    async ({}, use) => {
      const server = await startServer();
      await use(server);
      server.stop();
    },
    { scope: "worker" },
  ],

  network: [
    async ({ server }, use) => {
      const network = await Gateway.open(server.authority);
      await use(network);
      network.close();
    },
    { scope: "worker" },
  ],

  open: async ({ network }, use, testInfo) => {
    const visits: Visit[] = [];
    await use(async (options = {}) => {
      const visit = await openVisit(network.origin, options);
      visits.push(visit);
      return visit;
    });
    network.reset();
    for (const visit of visits) {
      const { violations, ...seen } = await visit.page.evaluate(() => ({
        ...window.watched,
        played: [],
        output: undefined,
      }));
      if (testInfo.status !== testInfo.expectedStatus) {
        writeFileSync(testInfo.outputPath("seen.json"), JSON.stringify(seen, null, 1));
      }
      await visit.context.browser()?.close();
      expect.soft(violations, "violations of the policy").toEqual([]);
      expect.soft(visit.complaints, "complaints of the browser").toEqual([]);
      expect.soft(visit.foreign, "requests to others").toEqual([]);
    }
  },
});

async function openVisit(
  origin: string,
  { microphone = "told", camera = "refused", path = "/", context, complains }: VisitOptions,
): Promise<Visit> {
  const files = [
    ...(typeof microphone === "object" ? [`--use-file-for-fake-audio-capture=${microphone.wav}%noloop`] : []),
    ...(typeof camera === "object" ? [`--use-file-for-fake-video-capture=${camera.clip}`] : []),
  ];
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--use-fake-device-for-media-stream",
      ...files,
    ],
  });
  const visited = await browser.newContext({ locale: "en-US", ...context });
  const page = await visited.newPage();
  // What is not granted is refused: there is nobody who could be asked.
  const permissions = Object.entries({ microphone, camera }).filter(([, device]) => device !== "refused");
  await visited.grantPermissions(
    permissions.map(([name]) => name),
    { origin },
  );
  await page.addInitScript(watch, { tapPath: TAP_PATH, told: microphone === "told" });
  const visit = new Visit(page, origin, complains);
  await page.goto(new URL(path, origin).href);
  return visit;
}
