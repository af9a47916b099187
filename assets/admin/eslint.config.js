import path from "node:path";
import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

const src = path.join(import.meta.dirname, "src");

/** The layers each layer may import, besides itself. */
const mayImport = { app: ["features", "ui", "lib"], features: ["ui", "lib"], ui: ["lib"], lib: [] };

/** Where a file lives: its layer, and within features also which one. */
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
      const file = target.startsWith("@/") ? path.join(src, target.slice(2)) : path.resolve(path.dirname(context.filename), target);
      const to = place(file);
      if (!(to.layer in mayImport)) return;
      const allowed = to.layer === from.layer ? to.feature === from.feature : mayImport[from.layer].includes(to.layer);
      if (!allowed) context.report({ node, message: `${from.feature ?? from.layer} may not import ${target}: app → features → ui, lib; no feature into another.` });
    };
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check, ImportExpression: check };
  },
};

export default tseslint.config(
  { ignores: ["node_modules", "src/lib/api/schema.gen.ts"] },
  js.configs.recommended,
  tseslint.configs.strict,
  reactHooks.configs.flat.recommended,
  {
    files: ["src/**/*.{ts,tsx}"],
    languageOptions: { globals: globals.browser },
    plugins: { house: { rules: { "import-direction": importDirection } } },
    rules: {
      "house/import-direction": "error",
      "max-lines": ["error", 400],
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
      "no-restricted-syntax": ["error", { selector: "ExportDefaultDeclaration", message: "Export by name." }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_", ignoreRestSiblings: true }],
    },
  },
  { files: ["src/**/*.test.{ts,tsx}"], rules: { "max-lines-per-function": "off" } },
);
