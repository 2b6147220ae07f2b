// Owns how the pages are built, served while developing, and where the unit tests lie. The server of gridgov serves dist/ at "/".
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const api = process.env["GRIDGOV_URL"] ?? "http://127.0.0.1:8000";

/** Beside each script and style its packed form, a fifth smaller than what a server packs while somebody waits. */
const packed: Plugin = {
  name: "packed",
  apply: "build",
  async writeBundle({ dir = "dist" }, bundle) {
    const squeeze = promisify(brotliCompress);
    const names = Object.keys(bundle).filter((name) => /\.(js|css)$/.test(name));
    await Promise.all(names.map(async (name) => writeFile(join(dir, `${name}.br`), await squeeze(await readFile(join(dir, name))))));
  },
};

export default defineConfig({
  plugins: [react(), packed],
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
