// Numbers that no double holds keep their digits: in runs, in what is typed, and in what is sent.
import assert from "node:assert/strict";
import { owner } from "./support/api.mjs";
import { button, shows, signIn } from "./support/app.mjs";
import { edges, node } from "./support/graphs.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });
const home = (page) => page.url().match(/.*\/t\/[^/]+/)[0];
const EXACT = "9007199254740993";

const passing = (name) => ({
  name,
  inputs: [{ name: "order", type: "object", required: true }],
  nodes: [
    node("start", "start"),
    node("end", "end", { output: "{{ input.order }}" }, { position: { x: 260, y: 0 } }),
  ],
  edges: edges("start>end"),
});

journey("a run shows and starts with all digits of its input", async (page, server) => {
  const api = await owner(server);
  const { id } = await api("POST", "workflows", passing("Exact"));
  await api("PATCH", `workflows/${id}`, { enabled: true });
  await signIn(page);
  await page.goto(`${home(page)}/workflows/${id}`);
  await button(page, "Run").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "order" }).focus();
  await page.keyboard.insertText(`{"id": ${EXACT}}`);
  const sent = page.waitForRequest((request) => request.url().endsWith("/execute"));
  await button(dialog, "Run").click();
  assert.deepEqual((await sent).postDataJSON().input, {
    order: { id: EXACT },
  });
  const { instanceID } = await (await (await sent).response()).json();
  await page.goto(`${home(page)}/runs/${instanceID}`);
  await shows(page.getByText(EXACT).first());
  // Other clients send it as a number.
  const other = await api(
    "POST",
    `workflows/${id}/execute?wait=30`,
    `{"input": {"order": {"id": -${EXACT}}}}`,
  );
  await page.goto(`${home(page)}/runs/${other.id}`);
  await shows(page.getByText(`-${EXACT}`).first());
});
