// Generates the API types that the UI uses, or checks that they are up to date: node scripts/gen.mjs [--check]
//
// The UI renders options, configs and settings from the schemas that the server sends at run time, and shows types that
// it does not know. Therefore they are objects with arbitrary fields here, and type names are strings.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const OPEN = ["DatasourceOptions", "QueryOptions", "WidgetConfig", "NodeConfig"];
const root = new URL("..", import.meta.url);
const folder = new URL("node_modules/.cache/", root);

const document = JSON.parse(readFileSync(new URL("openapi.json", root), "utf8"));
for (const name of OPEN) {
  if (!document.components.schemas[name]) throw new Error(`openapi.json has no schema ${name}`);
  document.components.schemas[name] = { type: "object", additionalProperties: true };
}
for (const name of ["DatasourceDraft", "ConnectionDraft", "WidgetDraft"])
  delete document.components.schemas[name].properties.type.enum;
// Drops the schemas that only those referred to.
const { schemas } = document.components;
const wanted = new Set();
const want = (part) => {
  for (const [, name] of JSON.stringify(part ?? null).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    if (!wanted.has(name)) want((wanted.add(name), schemas[name]));
  }
};
want({ ...document, components: { ...document.components, schemas: {} } });
document.components.schemas = Object.fromEntries(
  Object.entries(schemas).filter(([name]) => wanted.has(name)),
);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL("openapi.open.json", folder), JSON.stringify(document));
const options = ["--default-non-nullable=false", "--empty-objects-unknown", ...process.argv.slice(2)];
execFileSync(
  "npx",
  [
    "openapi-typescript",
    "node_modules/.cache/openapi.open.json",
    "-o",
    "src/lib/api/schema.gen.ts",
    ...options,
  ],
  { cwd: root, stdio: "inherit" },
);
