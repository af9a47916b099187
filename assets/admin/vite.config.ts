import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env.JET_ADMIN_URL ?? "http://127.0.0.1:4000";

/** Libraries that only some screens need, each in a chunk of its own. */
const lazyChunks = [
  { name: "charts", test: /node_modules\/(echarts|zrender)\// },
  { name: "editor", test: /node_modules\/(@codemirror|@lezer)\// },
  { name: "canvas", test: /node_modules\/(@xyflow|d3-[a-z]+)\// },
  { name: "grid-layout", test: /node_modules\/(react-grid-layout|react-draggable|react-resizable)\// },
  { name: "virtual", test: /node_modules\/@tanstack\/(react-virtual|virtual-core)\// },
];

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2022",
    // The content security policy allows no inline data beyond images and fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups: lazyChunks } } },
  },
  server: {
    proxy: Object.fromEntries(
      ["/api", "/hooks", "/healthz", "/identitytoolkit.googleapis.com", "/securetoken.googleapis.com"].map((path) => [path, server]),
    ),
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"], restoreMocks: true },
});
