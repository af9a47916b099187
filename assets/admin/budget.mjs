// Reports what each page loads before it can be shown, compressed as the server sends it: node budget.mjs
import { relative } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";

/** Limits for all JavaScript of the first page and for what each other page adds: the editors and charts are large. */
const FIRST_KB = 200;
const OTHER_KB = 320;
const FIRST = ["auth/sign-in", "home/home"];

const { output } = await build({ logLevel: "error", build: { write: false } });
const chunks = new Map(output.filter(({ type }) => type === "chunk").map((chunk) => [chunk.fileName, chunk]));
const source = (chunk) =>
  chunk.facadeModuleId ? relative("src", chunk.facadeModuleId).replace(/\.tsx?$/, "") : "";
const named = (name) => [...chunks.values()].find((chunk) => source(chunk) === name);
const weight = (chunk) => (chunk.weight ??= gzipSync(chunk.code, { level: 9 }).length);

/** Returns a chunk and all chunks that it cannot run without. */
function closure(chunk, found = new Set()) {
  if (!chunk || found.has(chunk)) return found;
  found.add(chunk);
  for (const name of chunk.imports) closure(chunks.get(name), found);
  return found;
}

const kilobytes = (set) => [...set].reduce((sum, chunk) => sum + weight(chunk), 0) / 1000;
const entry = [...chunks.values()].find(({ isEntry }) => isEntry);
const shell = closure(named("app/app"), closure(entry));
const framed = closure(named("app/shell/tenant-layout"), new Set(shell));

const pages = [...chunks.values()].filter(
  (chunk) => chunk.isDynamicEntry && source(chunk).startsWith("features/"),
);
const rows = pages.map((chunk) => {
  const name = source(chunk).slice("features/".length);
  const base = name.startsWith("auth/") ? shell : framed;
  const all = closure(chunk, new Set(base));
  const first = FIRST.includes(name);
  return {
    name,
    all: kilobytes(all),
    added: kilobytes(all) - kilobytes(base),
    limit: first ? FIRST_KB : undefined,
  };
});

const say = (name, all, added, limit) =>
  console.log(`${name.padEnd(36)} ${all.padStart(9)} ${added.padStart(9)} ${limit.padStart(9)}`);
say("page (kB, gzip)", "all", "its own", "limit");
say("app", kilobytes(shell).toFixed(1), "", "");
say("app and shell", kilobytes(framed).toFixed(1), "", String(FIRST_KB));
const over = [];
for (const { name, all, added, limit } of rows.sort((a, b) => b.all - a.all)) {
  const too = limit ? all > limit : added > OTHER_KB;
  if (too) over.push(name);
  say(name, all.toFixed(1), added.toFixed(1), limit ? String(limit) : `+${OTHER_KB}`);
}
if (kilobytes(framed) > FIRST_KB) over.push("app and shell");
if (over.length) {
  console.error(`over the limit: ${over.join(", ")}`);
  process.exitCode = 1;
}
