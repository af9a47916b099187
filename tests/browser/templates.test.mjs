// The first run: an empty tenant offers data and templates, and what each template creates works.
import assert from "node:assert/strict";
import { button, firstTenant, hides, link, shows, title, visit } from "./support/app.mjs";
import { accessible } from "./support/axe.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: false });
const widget = (page, name) => page.getByRole("article", { name, exact: true });
const template = (page, name) =>
  page.getByRole("region", { name: "Templates" }).getByRole("button", { name });

/** Signs in as the person who made the first tenant, on the page of its templates. */
async function openTemplates(page) {
  await page.goto("/sign-in");
  await page.getByRole("textbox", { name: "Email" }).fill("ada@example.com");
  await page.getByRole("textbox", { name: "Password" }).fill("correct horse");
  await button(page, "Sign in").click();
  await shows(title(page, "Teahouse"));
  await link(page, "Start from a template").click();
  await shows(title(page, "Templates"));
}

/** Runs the open workflow with its inputs, and waits for the run's page. */
async function start(page, inputs = {}) {
  await button(page, "Run").click();
  const dialog = page.getByRole("dialog");
  await shows(dialog);
  for (const [name, value] of Object.entries(inputs)) await dialog.getByRole("textbox", { name }).fill(value);
  await dialog.getByRole("button", { name: "Run" }).click();
}

journey(
  "an empty tenant offers a datasource, a file or a template; the customers app works",
  async (page) => {
    await page.goto("/");
    await firstTenant(page);
    await shows(page.getByRole("region", { name: "Get started" }));
    await accessible(page, "the first run");
    await template(page, /^Customers app/).click();
    await shows(title(page, "Customers"));
    const table = widget(page, "Customers");
    await shows(table.getByRole("cell", { name: "Harbor Books" }));

    await page.getByRole("textbox", { name: "Name" }).fill("Tea & Toast");
    await button(page, "Add").click();
    await shows(table.getByRole("cell", { name: "Tea & Toast" }));
    await table.getByPlaceholder("Search").fill("toast");
    await hides(table.getByRole("cell", { name: "Harbor Books" }));
    await table.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await hides(table.getByRole("cell", { name: "Tea & Toast" }));
  },
);

journey(
  "the orders dashboard and the nightly report read the same kind of file",
  // The second one finds its names taken.
  { expected: [/^409 .*\/(files|datasources)$/] },
  async (page) => {
    await openTemplates(page);
    await accessible(page, "the templates");
    await template(page, /^Orders dashboard/).click();
    await shows(title(page, "Orders"));
    await shows(widget(page, "Revenue").getByText(/€/));
    await shows(widget(page, "Latest orders").getByRole("cell").first());
    await shows(widget(page, "Revenue by country").locator("canvas, svg").first());
    await visit(page, "Home", "Teahouse");
    await link(page, "Start from a template").click();
    await template(page, /^Nightly report/).click();
    await shows(title(page, /Nightly report$/));
    await shows(page.getByText("No problems"));
    await button(page, "Run").click();
    await shows(page.getByText(/Yesterday: \d+ orders/).first());
  },
);

journey("the expense approval waits for a person, and the webhook intake stores requests", async (page) => {
  await openTemplates(page);
  await template(page, /^Expense approval/).click();
  await shows(title(page, /Expense approval$/));
  await shows(page.getByText("No problems"));
  await start(page, { amount: "250", reason: "A kettle" });
  await visit(page, "Approvals");
  await button(page, /^Pay 250 EUR\?/).click();
  await button(page, "Approve").click();
  await shows(page.getByText("No pending approvals"));

  await visit(page, "Home", "Teahouse");
  await link(page, "Start from a template").click();
  const saved = page.waitForResponse((response) => /\/workflows$/.test(new URL(response.url()).pathname));
  await template(page, /^Webhook intake/).click();
  const workflow = await (await saved).json();
  await shows(title(page, /Webhook intake$/));
  const hook = workflow.triggerStates?.[0]?.path ?? (await page.locator("code").first().innerText());
  const sent = await page.request.post(hook, {
    data: { sender: "Harbor Books", message: "Two boxes, please" },
  });
  assert.ok(sent.ok(), `the webhook answered ${sent.status()}`);
  await visit(page, "Dashboards");
  await link(page, "Requests").click();
  await shows(widget(page, "Requests").getByRole("cell", { name: "Two boxes, please" }));
});
