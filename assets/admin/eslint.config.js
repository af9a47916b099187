import { readdirSync } from "node:fs";
import path from "node:path";
import js from "@eslint/js";
import lingui from "eslint-plugin-lingui";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

const src = path.join(import.meta.dirname, "src");

/** The layers that each layer may import, besides itself. */
const mayImport = {
  app: ["features", "domain", "ui", "lib"],
  features: ["domain", "ui", "lib"],
  domain: ["ui", "lib"],
  ui: ["lib"],
  lib: [],
};

/** Returns the layer of a file and, within features, which feature it belongs to. */
function place(file) {
  const [layer, feature] = path.relative(src, file).split(path.sep);
  return { layer, feature: layer === "features" ? feature : undefined };
}

const importDirection = {
  meta: { type: "problem", schema: [] },
  create(context) {
    const from = place(context.filename);
    if (!(from.layer in mayImport)) return {};
    const check = (node) => {
      const target = node.source?.value;
      if (typeof target !== "string" || !/^(@\/|\.)/.test(target)) return;
      const file = target.startsWith("@/")
        ? path.join(src, target.slice(2))
        : path.resolve(path.dirname(context.filename), target);
      const to = place(file);
      if (!(to.layer in mayImport)) return;
      const allowed =
        to.layer === from.layer ? to.feature === from.feature : mayImport[from.layer].includes(to.layer);
      if (!allowed)
        context.report({
          node,
          message: `${from.feature ?? from.layer} may not import ${target}: app → features → domain → ui → lib; no feature into another.`,
        });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};

const MOST_FILES = 20;

const folderSize = {
  meta: { type: "problem", schema: [] },
  create(context) {
    const folder = path.dirname(context.filename);
    const files = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .sort();
    const isFirst = files.find((name) => /\.tsx?$/.test(name)) === path.basename(context.filename);
    if (files.length <= MOST_FILES || !isFirst) return {};
    const message = `${path.relative(src, folder)} has ${files.length} files: divide it by subject, at most ${MOST_FILES} are allowed.`;
    return { Program: (node) => context.report({ node, message }) };
  },
};

/** Strings that are not user-facing text: names, values and URLs. */
const texts = {
  useTsTypes: true,
  ignore: [
    // single words without a capital, constants
    "^[^A-Z ]+$",
    "^[A-Z0-9_]+$",
    // API paths, camel-case names, templates, CSS values
    "^/api/",
    "^-?[a-z]+([A-Z][a-z]*)+$",
    "^\\{\\{",
    "^(Backspace|Delete|Tab|Enter|Alt|noopener noreferrer)$",
    // keys, routes, colors, JSON, PostgreSQL plans, values sent to servers
    "^(mod|Meta|Control|Ctrl|Shift)([ +]|$)",
    "^C / X / V$",
    "^[a-z/-]+/:",
    "^rgba\\(",
    "^[\\[{]",
    "^[A-Z][A-Za-z]+ Name$",
    "^return data",
    '^(Bearer|widget page|600|select …|select \\* from|<iframe |"Inter Variable")',
  ],
  ignoreNames: [
    {
      regex: {
        pattern:
          "^(className|style|key|type|id|d|viewBox|transform|points|fill|stroke|color|c|bg|ff|size|variant|role|rel|target|href|to|path|name|value|defaultValue|format|accept|inputMode|autoComplete|gridTemplateColumns|width|height|w|h|flex|font|extraCssText|formatter|sortBy|permission|method|kind|contentType|headers|sandbox|transition|transformOrigin)$",
      },
    },
    { regex: { pattern: "^data-" } },
  ],
  ignoreFunctions: [
    "*.includes",
    "*.startsWith",
    "*.endsWith",
    "*.split",
    "*.join",
    "*.replace",
    "*.replaceAll",
    "*.getItem",
    "*.setItem",
    "*.querySelector",
    "*.querySelectorAll",
    "*.addEventListener",
    "*.removeEventListener",
    "console.*",
    "createContext",
    "Intl.*",
    "*.getPropertyValue",
    "*.matches",
    "*.closest",
    "matchMedia",
    "useMediaQuery",
    "RegExp",
    "*.append",
    "*.set",
    "*.get",
    "*.has",
    "api.*",
    "url",
    "withQuery",
    "document.fonts.load",
    "isOn",
    "textOf",
  ],
};

const byName = { selector: "ExportDefaultDeclaration", message: "Export by name." };

/** `JSON.parse` and `Response.json` round numbers. */
const exactJson = [
  "CallExpression[callee.object.name='JSON'][callee.property.name='parse']",
  "CallExpression[callee.property.name='json'][arguments.length=0]",
].map((selector) => ({ selector, message: "Use parseJson or readJson of lib/format/exact-json.ts." }));

export default tseslint.config(
  { ignores: ["node_modules", "src/**/*.gen.ts"] },
  js.configs.recommended,
  tseslint.configs.strict,
  reactHooks.configs.flat.recommended,
  {
    files: ["src/**/*.{ts,tsx}"],
    languageOptions: {
      globals: globals.browser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { house: { rules: { "import-direction": importDirection, "folder-size": folderSize } }, lingui },
    rules: {
      "house/import-direction": "error",
      "house/folder-size": "error",
      "lingui/no-unlocalized-strings": ["error", texts],
      "lingui/no-single-variables-to-translate": "error",
      "lingui/t-call-in-function": "off",
      "max-lines": ["error", 400],
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
      "no-restricted-syntax": ["error", byName, ...exactJson],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", ignoreRestSiblings: true },
      ],
    },
  },
  // The one parser, and what this browser stored itself.
  {
    files: [
      "src/lib/format/exact-json.ts",
      "src/lib/stored.ts",
      "src/ui/testing.tsx",
      "src/**/*.test.{ts,tsx}",
    ],
    rules: { "no-restricted-syntax": ["error", byName] },
  },
  // Markup takes more lines than other code.
  {
    files: ["src/**/*.tsx"],
    rules: { "max-lines-per-function": ["error", { max: 100, skipBlankLines: true, skipComments: true }] },
  },
  { files: ["*.mjs"], languageOptions: { globals: globals.node } },
  {
    files: [
      "src/features/dashboards/picture/markup-picture.ts",
      "src/ui/code-editor/look.ts",
      "src/domain/widgets/kinds/content/frame-document.ts",
      "src/app/theme.ts",
      "src/lib/i18n.ts",
      "src/domain/widgets/kinds/charts/chart-language.ts",
    ],
    rules: { "lingui/no-unlocalized-strings": "off" },
  },
  { files: ["scripts/**"], languageOptions: { globals: globals.node } },
  {
    files: ["src/**/*.test.{ts,tsx}", "src/ui/testing.tsx"],
    rules: { "max-lines-per-function": "off", "lingui/no-unlocalized-strings": "off" },
  },
);
