// Runs every file of journeys, several at a time. Files that fail are run once more, one at a time: a failure on a busy
// machine is told apart from one that returns. Files that passed only then are listed, and each of them is a bug of a
// journey or of the program.
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";

/** A journey waits for its page about half of the time. */
const FILES_AT_ONCE = availableParallelism() + 1;
/** Take minutes: they are begun first, so that none of them is left alone at the end. */
const LONG = ["screens", "table-app-hands", "widgets", "jobs-hands", "language", "unhappy"].map(
  (name) => `${name}.test.mjs`,
);

/** Runs a file, and returns whether all its tests passed; its output is printed when it ends. */
async function passes(file) {
  let passed = 0;
  let failed = 0;
  const start = Date.now();
  const events = run({ files: [file] });
  events.on("test:pass", () => passed++);
  events.on("test:fail", () => failed++);
  let output = "";
  for await (const part of events.compose(spec)) output += part;
  console.log(`\n${basename(file)}: ${((Date.now() - start) / 1000).toFixed(0)} s\n${output}`);
  return passed > 0 && failed === 0;
}

/** Runs files, `atOnce` at a time, and returns those that failed. */
async function failing(files, atOnce) {
  const waiting = [...files];
  const failed = [];
  const work = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift())
      if (!(await passes(file))) failed.push(file);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return failed;
}

const here = new URL(".", import.meta.url).pathname;
const wanted = process.argv.slice(2);
const all = readdirSync(here).filter((name) => name.endsWith(".test.mjs"));
const ordered = [...LONG, ...all.filter((name) => !LONG.includes(name))];
const files = wanted.length > 0 ? wanted : ordered.map((name) => here + name);
const failed = await failing(files, FILES_AT_ONCE);
const still = await failing(failed, 1);
const flaky = failed.filter((file) => !still.includes(file));
if (flaky.length > 0) console.log("PASSED ONLY WHEN RUN AGAIN:", flaky.join(" "));
if (still.length > 0) console.log("FAILED:", still.join(" "));
process.exitCode = still.length > 0 ? 1 : 0;
