// Owns how the pages are built, served while developing, and where the unit tests lie. The server of gridgov serves dist/ at "/".
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const api = process.env["GRIDGOV_URL"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
  server: { proxy: { "/api": api } },
  build: {
    target: "es2022",
    // No data: addresses and no inline scripts: the pages live under `default-src 'self'`.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // MapLibre alone is above the default warning.
    chunkSizeWarningLimit: 1400,
  },
  worker: { format: "es" },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
