/** How the pages are built, served while they are written, and unit-tested. */
import { defineConfig } from "vitest/config";

/** The server that `npm run dev` shows: `SPYMASTER_SERVER=127.0.0.1:9000 npm run dev`. */
const server = process.env["SPYMASTER_SERVER"] ?? "127.0.0.1:8002";

/**
 * The server answers a browser only under its own name, so what is passed on bears that name
 * instead of the development server's.
 */
const passedOn = {
  target: `http://${server}`,
  changeOrigin: true,
  ws: true,
  headers: { origin: `http://${server}` },
};

export default defineConfig({
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
