import { defineConfig } from "@playwright/test";
import common from "./playwright.config.ts";

/** `make screenshots`: the pictures of docs/images, taken of real consultations. */
export default defineConfig({ ...common, testMatch: "screenshots.ts", timeout: 180_000 });
