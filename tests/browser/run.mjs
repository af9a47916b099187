// Runs every file of journeys. Files that fail are run once more, alone: a failure on a busy machine is told apart from one
// that returns. Files that passed only then are listed, and each of them is a bug of a journey or of the program.
import { readdirSync } from "node:fs";
import { run } from "node:test";
import { spec } from "node:test/reporters";

/** Runs a file, and returns whether all its tests passed. */
async function passes(file) {
  let passed = 0;
  let failed = 0;
  const events = run({ files: [file] });
  events.on("test:pass", () => passed++);
  events.on("test:fail", () => failed++);
  const output = events.compose(spec);
  output.pipe(process.stdout, { end: false });
  await new Promise((resolve, reject) => output.on("end", resolve).on("error", reject));
  return passed > 0 && failed === 0;
}

/** Runs files one after the other, and returns those that failed. */
async function failing(files) {
  const failed = [];
  for (const file of files) {
    console.log(`\n${file}`);
    if (!(await passes(file))) failed.push(file);
  }
  return failed;
}

const here = new URL(".", import.meta.url).pathname;
const wanted = process.argv.slice(2);
const all = readdirSync(here).filter((name) => name.endsWith(".test.mjs"));
const files = wanted.length > 0 ? wanted : all.map((name) => here + name);
const failed = await failing(files);
const still = await failing(failed);
const flaky = failed.filter((file) => !still.includes(file));
if (flaky.length > 0) console.log("PASSED ONLY WHEN RUN AGAIN:", flaky.join(" "));
if (still.length > 0) console.log("FAILED:", still.join(" "));
process.exitCode = still.length > 0 ? 1 : 0;
