import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** A running `bedside serve`, for `npm run dev`. */
const SERVER = process.env.BEDSIDE_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    // The Content-Security-Policy lets nothing load from `data:` but pictures.
    assetsInlineLimit: 0,
    rollupOptions: { input: ["index.html", "ops.html"] },
  },
  server: {
    proxy: {
      "/v1": { target: SERVER, ws: true },
      "/ops/api": SERVER,
      "/readyz": SERVER,
    },
  },
  test: { environment: "happy-dom" },
});
