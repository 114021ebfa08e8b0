import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { addresses } from "./vite/addresses.ts";
import { precompress } from "./vite/precompress.ts";
import { shell } from "./vite/shell.ts";

/** A running `bedside serve`, for `npm run dev`. */
const SERVER = process.env.BEDSIDE_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), addresses(), shell("worker.js", "index.html"), precompress()],
  build: {
    target: "es2022",
    // The Content-Security-Policy lets nothing load from `data:` but pictures.
    assetsInlineLimit: 0,
    rollupOptions: {
      input: { index: "index.html", ops: "ops.html", worker: "src/pwa/worker.ts" },
      // A service worker keeps its address from release to release.
      output: { entryFileNames: ({ name }) => (name === "worker" ? "worker.js" : "assets/[name]-[hash].js") },
    },
  },
  server: {
    strictPort: true,
    proxy: {
      "/v1": { target: SERVER, ws: true },
      "/ops/api": SERVER,
      "/healthz": SERVER,
      "/readyz": SERVER,
    },
  },
  test: { environment: "happy-dom" },
});
