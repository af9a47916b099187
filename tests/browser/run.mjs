// Runs every file of journeys. Files that fail are run once more, alone: a failure on a busy machine is told apart from one
// that returns. Files that passed only then are listed, and each of them is a bug of a journey or of the program.
import { readdirSync } from "node:fs";
import { run } from "node:test";
import { spec } from "node:test/reporters";

/** Runs the files, and returns those with a failed test. */
async function failuresOf(files) {
  const failed = new Set();
  const events = run({ files, concurrency: 1 });
  events.on("test:fail", ({ file, name }) => failed.add(file ?? name));
  const output = events.compose(spec);
  output.pipe(process.stdout, { end: false });
  await new Promise((resolve, reject) => output.on("end", resolve).on("error", reject));
  return [...failed];
}

const here = new URL(".", import.meta.url).pathname;
const files = readdirSync(here).filter((name) => name.endsWith(".test.mjs"));
const failed = await failuresOf(files.map((name) => here + name));
if (failed.length > 0) {
  console.log("Running again what failed:", failed.join(" "));
  process.exitCode = (await failuresOf(failed)).length > 0 ? 1 : 0;
  if (process.exitCode === 0) console.log("PASSED ONLY WHEN RUN AGAIN:", failed.join(" "));
}
