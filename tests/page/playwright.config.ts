import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  outputDir: "out/results",
  // Tests measure time, and each has models and a browser at work.
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: "list",
  forbidOnly: true,
});
