/** How the pages are built, served while they are written, and unit-tested. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** The server that `npm run dev` shows: `SPYMASTER_SERVER=127.0.0.1:9000 npm run dev`. */
const server = process.env["SPYMASTER_SERVER"] ?? "127.0.0.1:8002";

/**
 * The server answers a browser only under its own name, so forwarded requests have that name
 * instead of the development server's.
 */
const passedOn = {
  target: `http://${server}`,
  changeOrigin: true,
  ws: true,
  headers: { origin: `http://${server}` },
};

/** Writes each built file compressed beside it, where that is smaller: servers never compress. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    writeBundle({ dir = "dist" }, bundle) {
      for (const name of Object.keys(bundle)) {
        const file = join(dir, name);
        const bytes = readFileSync(file);
        const forms = {
          br: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
          gz: gzipSync(bytes, { level: 9 }),
        };
        for (const [extension, form] of Object.entries(forms)) {
          if (form.length < bytes.length) writeFileSync(`${file}.${extension}`, form);
        }
      }
    },
  };
}

export default defineConfig({
  plugins: [compressed()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { "vacuum-pressure": "vacuum-pressure.html", velocity: "velocity.html" },
    },
  },
  worker: { format: "es" },
  server: {
    host: "127.0.0.1",
    port: 5174,
    strictPort: true,
    open: false,
    proxy: { "/v1": passedOn, "/health": passedOn },
  },
  // No test asserts how fast the machine is: the timeouts end what would otherwise never end.
  test: { include: ["src/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 300_000 },
});
