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

/** Which scripts and styles each page begins with, for the server to name beside its document: beside.json. */
const beside: Plugin = {
  name: "beside",
  apply: "build",
  generateBundle(_, bundle) {
    const needed = (name: string, found = new Set<string>()): ReadonlySet<string> => {
      const chunk = bundle[name];
      if (found.has(name) || chunk?.type !== "chunk") return found;
      found.add(name);
      for (const style of chunk.viteMetadata?.importedCss ?? []) found.add(style);
      for (const other of chunk.imports) needed(other, found);
      return found;
    };
    /** src/pages/board/BoardPage.tsx begins /board. */
    const begins = (id: string | null): string | undefined => {
      const [, folder, page] = /src\/pages\/([a-z]+)\/([A-Za-z]+)Page\.tsx$/.exec(id ?? "") ?? [];
      return folder === page?.toLowerCase() ? folder : undefined;
    };
    const pages = Object.values(bundle).flatMap((one): [string, string[]][] => {
      const page = one.type === "chunk" ? begins(one.facadeModuleId) : undefined;
      return page === undefined ? [] : [[page, [...needed(one.fileName)].map((name) => name.replace("assets/", ""))]];
    });
    this.emitFile({ type: "asset", fileName: "beside.json", source: JSON.stringify(Object.fromEntries(pages), null, 1) });
  },
};

export default defineConfig({
  plugins: [react(), beside, packed],
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
