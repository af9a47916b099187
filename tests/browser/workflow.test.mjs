import assert from "node:assert/strict";
import { button, link, openFrom, shows, signIn, title, visit } from "./support/app.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });
const confirm = (page, verb) => page.getByRole("dialog").getByRole("button", { name: verb, exact: true }).click();
const step = (page, name) => page.getByRole("listitem").getByRole("button", { name: new RegExp(`^Completed ${name}`) });

journey("a test run in place ends completed, with the output of each step", async (page) => {
  await signIn(page);
  await openFrom(page, "Workflows", "Sales summary");
  await button(page, "Test").click();
  await confirm(page, "Test");
  await shows(button(page, /^Test run Completed/));
  assert.match(await page.getByRole("main").innerText(), /Revenue is (up|\d)/);
  for (const name of ["start", "figures", "growing", "end"]) await shows(step(page, name));
  await step(page, "figures").click();
  await shows(page.getByRole("tabpanel", { name: "Output" }).getByRole("columnheader", { name: /revenue_before/ }));
  await page.getByRole("tab", { name: "Input" }).click();
  await shows(page.getByRole("tabpanel", { name: "Input" }).getByText("days"));
});

journey("a real run has a page with its steps, and stands in the list of runs", async (page) => {
  await signIn(page);
  await openFrom(page, "Workflows", "Sales summary");
  await button(page, "Run").click();
  await page.getByRole("dialog").getByRole("textbox", { name: "days" }).fill("45");
  await confirm(page, "Run");
  await shows(button(page, /^Run Completed/));
  await link(page, "Open this run").click();
  await shows(title(page, "Run of Sales summary"));
  for (const name of ["start", "figures", "growing", "end"]) await shows(step(page, name));
  await step(page, "end").click();
  await shows(page.getByRole("tabpanel", { name: "Output" }).getByText(/in 45 days|45 days before/));
  await visit(page, "Runs");
  await shows(page.getByRole("row").filter({ hasText: "Sales summary" }).nth(4));
});

journey("a run that waits can be stopped", async (page) => {
  await signIn(page);
  await openFrom(page, "Workflows", "Refund an order");
  await button(page, "Run").click();
  await page.getByRole("dialog").getByRole("textbox", { name: "order" }).fill("1");
  await confirm(page, "Run");
  await shows(button(page, /^Run Waiting/).or(button(page, /^Run Running/)));
  await button(page, "Stop").click();
  await shows(button(page, /^Run Cancelled/));
});
