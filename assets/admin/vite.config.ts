import { fileURLToPath } from "node:url";
import { transformAsync, types, type PluginObj } from "@babel/core";
import { compileMessage } from "@lingui/message-utils/compileMessage";
import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const server = process.env.JET_ADMIN_URL ?? "http://127.0.0.1:4000";

/** Libraries that only some screens need, each in its own chunk; shared code first. */
const lazyChunks = [
  {
    name: "base",
    test: /node_modules\/(react|react-dom|scheduler|use-sync-external-store|clsx|tslib)\//,
    priority: 20,
  },
  { name: "charts", test: /node_modules\/(echarts|zrender)\// },
  { name: "editor", test: /node_modules\/(@codemirror|@lezer)\// },
  { name: "canvas", test: /node_modules\/(@xyflow|d3-[a-z]+)\// },
  { name: "grid-layout", test: /node_modules\/(react-grid-layout|react-draggable|react-resizable)\// },
  { name: "virtual", test: /node_modules\/@tanstack\/(react-virtual|virtual-core)\// },
];

/**
 * What the first pages need, with all that it imports, in four chunks: a hundred small ones compress worse. Each has
 * only what those before it do not have. The first is what the entry imports, without the entry itself: that waits for
 * the others, which therefore must not import it.
 */
const firstChunks = [
  { name: "start", test: /\/src\/lib\/(i18n|session\/(connection|unsaved))\.ts$/, priority: 14 },
  { name: "app", test: /\/src\/app\/app\.tsx$/, priority: 13 },
  { name: "shell", test: /\/src\/app\/shell\/tenant-layout\.tsx$/, priority: 12 },
  { name: "home", test: /\/src\/features\/home\/home\.tsx$/, priority: 11 },
];

/** Compiles the messages of the macros, so that the browser needs no parser for them. */
const compiled: PluginObj = {
  visitor: {
    ObjectExpression({ node }) {
      if (!node.leadingComments?.some(({ value }) => value === "i18n")) return;
      for (const property of node.properties) {
        if (
          !types.isObjectProperty(property) ||
          !types.isIdentifier(property.key, { name: "message" }) ||
          !types.isStringLiteral(property.value)
        )
          continue;
        const tokens = compileMessage(property.value.value);
        property.value = types.valueToNode(
          tokens.length === 1 && typeof tokens[0] === "string" ? tokens[0] : tokens,
        );
      }
    },
  },
};

/** Turns the source's texts into messages. They stay in the chunks that show them, so that English needs no catalog. */
const texts: Plugin = {
  name: "texts",
  enforce: "pre",
  transform: {
    filter: { id: /\/src\/.*\.tsx?$/, code: /@lingui\/(core|react)\/macro/ },
    handler: (code, filename) =>
      transformAsync(code, {
        filename,
        babelrc: false,
        configFile: false,
        sourceMaps: true,
        retainLines: true,
        parserOpts: { plugins: ["typescript", "jsx"] },
        plugins: [["@lingui/babel-plugin-lingui-macro", { stripMessageField: false }], () => compiled],
      }).then((made) => ({ code: made?.code ?? code, map: made?.map })),
  },
};

export default defineConfig({
  plugins: [texts, lingui({ failOnMissing: true, failOnCompileError: true }), react()],
  // Scripts import each other by relative paths: the server may be below a path that only it knows.
  experimental: {
    renderBuiltUrl: (fileName, { hostType }) => (hostType === "html" ? `/${fileName}` : { relative: true }),
  },
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2022",
    // Browsers that support light-dark(): for older targets it would be replaced by variables that nothing sets.
    cssTarget: ["chrome125", "firefox125", "safari18"],
    // The content security policy allows no inline data except images and fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups: [...firstChunks, ...lazyChunks] } } },
  },
  server: {
    proxy: Object.fromEntries(
      ["/api", "/hooks", "/healthz", "/identitytoolkit.googleapis.com", "/securetoken.googleapis.com"].map(
        (path) => [path, server],
      ),
    ),
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}", "scripts/*.test.mjs"],
    setupFiles: ["src/lib/i18n.setup.ts"],
    restoreMocks: true,
    // typing into an editor takes seconds on a busy machine
    testTimeout: 20_000,
  },
});
