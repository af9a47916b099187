// Changes texts without losing their translations: node scripts/carry-texts.mjs [--server] CHANGES.json…
//
// Each file is a list of `{ "old": …, "new": …, "de": … }` with the texts as `src/locales/de.po` has them; without `de` the
// German stays. Texts that only the server sends are renamed in the catalogue alone: do that before `npm run texts` drops
// the old ones. With `--server` all texts are the server's, also those that the UI uses as well.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { formatter } from "@lingui/format-po";
import { generateMessageId } from "@lingui/message-utils/generateMessageId";
import { carry } from "./carry.mjs";
import { messagesOf } from "./messages.mjs";

const root = new URL("../src/", import.meta.url);
const PO = new URL("locales/de.po", root);
const SERVER_TEXTS = "locales/server-texts.gen.ts";
const about = { locale: "de", sourceLocale: "en", filename: PO.pathname };
const po = formatter({ origins: false });
const read = (path) => readFileSync(new URL(path, root), "utf8");

const { values: options, positionals: files } = parseArgs({
  allowPositionals: true,
  options: { server: { type: "boolean" } },
});
const changes = files
  .flatMap((file) => JSON.parse(readFileSync(file, "utf8")))
  .map((change) => ({ ...options, ...change }));
const paths = readdirSync(root, { recursive: true }).filter(
  (path) => /\.tsx?$/.test(path) && !/\.(test|d|gen)\.tsx?$/.test(path),
);
const before = readFileSync(PO, "utf8");
const entries = Object.values(await po.parse(before, about));
const sources = new Map(paths.map((path) => [path, read(path)]));
const catalog = new Map(entries.map(({ message, translation }) => [message, translation]));
const serverIds = new Set(messagesOf(read(SERVER_TEXTS)).map(({ id }) => id));
const carried = carry({ sources, catalog, serverIds, changes });

for (const [path, text] of carried.sources)
  if (text !== sources.get(path)) writeFileSync(new URL(path, root), text);
const sorted = [...carried.catalog].sort(([a], [b]) => new Intl.Collator("en").compare(a, b));
const written = sorted.map(([message, translation]) => {
  const entry = entries.find((known) => known.message === message);
  return [generateMessageId(message), { ...entry, message, translation, origin: [] }];
});
writeFileSync(PO, await po.serialize(Object.fromEntries(written), { ...about, existing: before }));
for (const problem of carried.problems) console.error(problem);
process.exitCode = carried.problems.length ? 1 : 0;
