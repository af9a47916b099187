// What follows an action: the question before a change, the kept result, the way to the data, and what to expect.
import assert from "node:assert/strict";
import { owner } from "./support/api.mjs";
import { button, hides, shows, signIn, title } from "./support/app.mjs";
import { accessible } from "./support/axe.mjs";
import { idOf } from "./support/dashboards.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });

journey(
  "a query that changes data is marked, runs only after a question, and is shown nowhere",
  async (page, server) => {
    const api = await owner(server);
    const datasourceID = await idOf(api, "datasources", "Shop (writable)");
    await api("POST", "data-queries", {
      name: "Forget an order",
      datasourceID,
      options: { sql: "delete from orders where id = {{ params.id }}" },
      parameters: [{ name: "id", type: "number", default: -1 }],
    });
    await signIn(page);
    const executed = [];
    page.on("request", (request) => {
      if (!request.url().endsWith("/execute")) return;
      const { mode, mustRead } = request.postDataJSON();
      if (!mustRead) executed.push(mode);
    });
    await page.keyboard.press("Control+K");
    await page.getByRole("textbox", { name: "Search everything" }).fill("Forget an order");
    const found = page.getByRole("button", { name: /^Forget an order/ });
    await shows(found.getByText("Changes data"));
    await hides(page.getByRole("button", { name: /^Run Forget an order/ }));
    await found.click();
    await shows(title(page, /Forget an order$/));
    await shows(page.getByText("Changes data").first());
    assert.deepEqual(executed, []);

    await page.keyboard.press("Control+Enter");
    const dialog = page.getByRole("dialog", { name: "Run a query that changes data?" });
    await shows(dialog.getByText("delete from orders where id = {{ params.id }}"));
    await accessible(page, "the question before a query is run");
    assert.deepEqual(executed, []);
    await button(dialog, "Preview changes").click();
    await shows(page.getByText("0 rows would be deleted; nothing was saved."));
    await button(page, "Run now").click();
    await shows(page.getByText("0 rows deleted."));
    assert.deepEqual(executed, ["preview", "run"]);
    await page.keyboard.press("Control+Enter");
    await button(dialog, "Cancel").click();
    await hides(dialog);
    assert.equal(executed.length, 2);
  },
);

journey("the first save of a query keeps its result, and a file leads to its rows", async (page, server) => {
  const api = await owner(server);
  const shop = (await api("GET", "datasources?q=Shop&limit=10")).items.find(({ name }) => name === "Shop");
  await signIn(page);
  const tenant = page.url().replace(/(\/t\/[^/]+).*/, "$1");
  await page.goto(`${tenant}/data-queries/new?datasource=${shop.id}`);
  const editor = page.getByRole("textbox", { name: "SQL", exact: true });
  await editor.focus();
  await page.keyboard.insertText("select 42 as answer");
  await page.keyboard.press("Control+Enter");
  const cell = page.getByRole("region", { name: "Result" }).getByRole("cell", { name: "42" });
  await shows(cell);
  await button(page, "Save…").click();
  await page.getByRole("dialog").getByRole("textbox", { name: "Name" }).fill("The answer");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.waitForURL(/data-queries\/[0-9a-f-]{36}/);
  await shows(title(page, /The answer$/));
  await shows(cell);

  await page.goto(`${tenant}/files`);
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.getByRole("button", { name: "Upload files" }).first().click(),
  ]);
  await chooser.setFiles({
    name: "teas.csv",
    mimeType: "text/csv",
    buffer: Buffer.from("name,cups\nAssam,3\nSencha,5\n"),
  });
  await shows(title(page, /teas.csv$/));
  await shows(page.getByRole("cell", { name: "Sencha" }).first());
  await accessible(page, "a file");
  await button(page, "Query this file").click();
  await shows(page.getByRole("region", { name: "Result" }).getByRole("cell", { name: "Assam" }));
});

journey("without a mail server nobody is told to wait for an email", async (page) => {
  await page.goto("/forgot");
  await shows(page.getByText(/This server does not send email/));
  await page.getByRole("textbox", { name: "Email" }).fill("somebody@example.com");
  await button(page, "Create link").click();
  await shows(page.getByText(/was written to the server’s log/));
  await accessible(page, "a forgotten password without mail");
});
