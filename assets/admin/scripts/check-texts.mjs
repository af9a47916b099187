// Fails when the catalogs are out of date or a text is not translated: node scripts/check-texts.mjs
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const FOLDER = new URL("../src/locales/", import.meta.url);
const catalogs = readdirSync(FOLDER).filter((name) => name.endsWith(".po"));
const read = () => catalogs.map((name) => readFileSync(new URL(name, FOLDER), "utf8"));

const before = read();
execFileSync("npx", ["lingui", "extract", "--clean"], { stdio: "ignore" });
const after = read();
before.forEach((text, i) => writeFileSync(new URL(catalogs[i], FOLDER), text));

// The extraction date always differs.
const messages = (text) => text.replace(/^"POT-Creation-Date:.*\n/m, "");
const stale = catalogs.filter((_, i) => messages(before[i]) !== messages(after[i]));
const untranslated = catalogs.filter((_, i) =>
  after[i]
    .split("\n\n")
    .slice(1)
    .some((entry) => /^msgstr ""\n*$/m.test(entry) && !/^msgstr ""\n"/m.test(entry)),
);
for (const name of stale) console.error(`src/locales/${name} is not what the source says: npm run texts`);
for (const name of untranslated) console.error(`src/locales/${name} leaves texts untranslated`);
process.exitCode = stale.length + untranslated.length ? 1 : 0;
