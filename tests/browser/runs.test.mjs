// Runs: iterations of a loop, live lists, closed approvals, versions, and missing permissions.
import assert from "node:assert/strict";
import { owner } from "./support/api.mjs";
import { button, hides, link, openFrom, shows, signIn, title, visit } from "./support/app.mjs";
import { accessible } from "./support/axe.mjs";
import { asking, edges, node, ran, rounds } from "./support/graphs.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });
const home = (page) => page.url().match(/.*\/t\/[^/]+/)[0];
const drawn = (page, label) => page.getByRole("group", { name: label, exact: true });
const output = (page) => page.getByRole("tabpanel", { name: "Output" });

journey("one iteration of a loop is selected by mouse, keys and URL", async (page, server) => {
  const api = await owner(server);
  const { id } = await api("POST", "workflows", rounds("Twelve rounds"));
  const run = await ran(api, id);
  await signIn(page);
  await page.goto(`${home(page)}/runs/${run}`);
  const each = drawn(page, "Iterations of each");
  const parts = drawn(page, "Iterations of parts");
  await shows(each.getByText("All 12 iterations"));
  await hides(parts);
  await shows(drawn(page, "JavaScript step check in each").getByText("2 of 12"));
  // Failures are one click away, and so is each next one.
  await button(each, "Next of 2 failed iterations").click();
  await shows(each.getByText("4 / 12"));
  await shows(page.getByText(/^Error: no 3/));
  await button(each, "Next of 2 failed iterations").click();
  await shows(each.getByText("8 / 12"));
  await shows(page.getByText(/^Error: no 7/));
  await page.keyboard.press("ArrowRight");
  await shows(each.getByText("9 / 12"));
  await shows(drawn(page, "JavaScript step check in each").getByText("Completed"));
  await shows(output(page).getByText("8", { exact: true }));
  // The inner loop selects among the iterations of the selected one.
  await shows(parts.getByText("All 2 iterations"));
  await button(parts, "Next iteration").click();
  await button(parts, "Next iteration").click();
  await shows(parts.getByText("2 / 2"));
  await shows(page.getByText("iteration 9/2"));
  assert.deepEqual(new URL(page.url()).searchParams.getAll("round"), ["each:8", "parts:1"]);
  await page.reload();
  await shows(parts.getByText("2 / 2"));
  await shows(page.getByText("iteration 9/2"));
  await accessible(page, "a run with a chosen round");
  // The graph follows the list.
  await page
    .getByRole("listitem")
    .getByRole("button", { name: /Iteration 11/ })
    .click();
  await page
    .getByRole("listitem")
    .getByRole("button", { name: /^Completed check/ })
    .last()
    .click();
  await shows(each.getByText("11 / 12"));
  await button(each, "All iterations").click();
  await shows(each.getByText("All 12 iterations"));
  assert.deepEqual(new URL(page.url()).searchParams.getAll("round"), []);
});

journey("lists of runs and the approval count are updated over one connection", async (page, server) => {
  const api = await owner(server);
  const { id } = await api("POST", "workflows", asking("Follow me", "Follow?"));
  const watched = [];
  page.on(
    "request",
    (request) => request.url().endsWith("/workflows/instances/events") && watched.push(request.url()),
  );
  const told = page.waitForResponse((response) => response.url().endsWith("/workflows/instances/events"));
  await signIn(page);
  await told;
  await visit(page, "Runs");
  const row = page.getByRole("row").filter({ hasText: "Follow me" });
  const count = page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: /^Approvals/ });
  const before = Number.parseInt((await count.innerText()).replace(/\D+/g, ""), 10) || 0;
  const { instanceID } = await api("POST", `workflows/${id}/execute`, {
    input: {},
  });
  await shows(row.getByText("Waiting"));
  await shows(count.getByText(String(before + 1)));
  const { items } = await api("GET", "workflows/tasks");
  await api(
    "POST",
    `workflows/instances/${instanceID}/tasks/${items.find((task) => task.instanceID === instanceID).id}`,
    { decision: "approved" },
  );
  await shows(row.getByText("Completed"));
  await hides(count.getByText(String(before + 1)));
  await page
    .getByRole("navigation", { name: "Pages" })
    .getByRole("link", { name: "Home", exact: true })
    .click();
  const unfinished = page.getByRole("region", { name: "In progress" });
  await shows(unfinished.getByRole("link", { name: /Follow up on an order/ }));
  assert.equal(await unfinished.getByRole("link", { name: /Follow me/ }).count(), 0);
  const failing = await api("POST", "workflows", {
    name: "Fails",
    enabled: true,
    nodes: [
      node("start", "start"),
      node("slow", "delay", { for: "1h" }),
      node("no", "javascript", { code: "throw new Error('Not today')" }),
    ],
    edges: edges("start>slow", "start>no"),
  });
  await api("POST", `workflows/${failing.id}/execute`, { input: {} });
  const failures = page.getByRole("region", { name: "Recent failures" });
  await shows(failures.getByText("Not today"));
  await api("POST", `workflows/${failing.id}/execute`, { input: {} });
  await shows(failures.getByRole("link", { name: /Fails.*2 failures/ }));
  assert.equal(watched.length, 1, "one connection for all screens");
});

journey(
  "an approval answered elsewhere says that it is closed, and one that expires lets its run continue",
  async (page, server) => {
    const api = await owner(server);
    const { id } = await api("POST", "workflows", asking("Elsewhere", "Answered elsewhere?"));
    const { instanceID } = await api("POST", `workflows/${id}/execute`, {
      input: {},
    });
    await signIn(page);
    await page.goto(`${home(page)}/approvals`);
    await page
      .getByRole("list", { name: "Pending approvals" })
      .getByRole("button", { name: /Answered elsewhere/ })
      .click();
    await shows(button(page, "Approve"));
    const { items } = await api("GET", "workflows/tasks");
    await api(
      "POST",
      `workflows/instances/${instanceID}/tasks/${items.find((task) => task.instanceID === instanceID).id}`,
      { decision: "rejected" },
    );
    await shows(page.getByRole("status").filter({ hasText: "This approval is closed" }));
    await hides(button(page, "Approve"));
    await accessible(page, "an approval that is over");
    await link(page, "Open run").click();
    await shows(page.getByText("rejected").first());

    const late = await api("POST", "workflows", asking("In time", "In time?", "3s"));
    const { instanceID: waiting } = await api("POST", `workflows/${late.id}/execute`, { input: {} });
    await page.goto(`${home(page)}/runs/${waiting}`);
    await shows(page.getByRole("region", { name: "In time?" }));
    await shows(output(page).getByText("expired"));
    await hides(page.getByRole("region", { name: "In time?" }));
  },
);

journey("a version shows the changes since, with before and after", async (page, server) => {
  const api = await owner(server);
  const flow = await api("POST", "workflows", rounds("Compared"));
  const nodes = flow.nodes.map((one) =>
    one.name === "check" ? { ...one, config: { code: "return { checked: index }" } } : one,
  );
  await api("PATCH", `workflows/${flow.id}`, {
    name: "Compared later",
    description: "All twelve",
    inputs: [{ name: "order", type: "number", required: true }],
    settings: { maxConcurrentRuns: 3 },
    triggers: [{ type: "schedule", cron: "0 9 * * 1", timezone: "Europe/Berlin" }],
    nodes,
  });
  await signIn(page);
  await page.goto(`${home(page)}/workflows/${flow.id}/versions/1`);
  await page.getByRole("switch", { name: "Show changes since this version" }).click({ force: true });
  const changes = page.getByRole("complementary", { name: "Changes" });
  for (const text of [
    "Compared later",
    "All twelve",
    "Number, required",
    "0 9 * * 1 · Europe/Berlin",
    "Concurrency limit",
    "return { checked: index }",
  ])
    await shows(changes.getByText(text, { exact: true }));
  await shows(changes.locator("del").getByText("Compared", { exact: true }));
  await shows(drawn(page, "JavaScript step check in each").getByText("JavaScript, changed"));
  await accessible(page, "a comparison of versions");
});

journey(
  "without permission to start workflows there are no start buttons, and the URL shows an access error",
  async (page) => {
    await signIn(page, "Viewer");
    // The navigation of a viewer does not lead there.
    await page.goto(`${page.url()}/workflows`);
    await page.getByRole("main").getByRole("link", { name: "Sales summary", exact: true }).click();
    await shows(drawn(page, "Start step start"));
    for (const name of ["Run", "Test", "Save"])
      assert.equal(await button(page, name).count(), 0, `${name} is not offered`);
    await page.goto(`${home(page)}/runs`);
    await page
      .getByRole("main")
      .getByRole("row")
      .filter({ hasText: "Sales summary" })
      .getByRole("link")
      .first()
      .click();
    await shows(title(page, "Run of Sales summary"));
    for (const name of ["Replay", "Stop"])
      assert.equal(await button(page, name).count(), 0, `${name} is not offered`);
    await page.goto(`${home(page)}/workflows/new`);
    await shows(page.getByText("workflow:create"));
  },
);

journey(
  "when two people save a workflow, the second is asked which version to keep",
  { expected: [/^412 \/api\/v1\/tenants\/[^/]+\/workflows\/[^/]+$/] },
  async (page, server) => {
    const api = await owner(server);
    const { id } = await api("POST", "workflows", asking("Ours", "Ours?"));
    await signIn(page);
    await page.goto(`${home(page)}/workflows/${id}`);
    const rename = async (description) => {
      await page
        .getByRole("complementary", { name: "Inspector" })
        .getByRole("textbox", { name: "Description" })
        .first()
        .fill(description);
      await button(page, "Save").click();
    };
    await shows(drawn(page, "Approval step ask"));
    await api("PATCH", `workflows/${id}`, { description: "Theirs" });
    await rename("Mine");
    const dialog = page.getByRole("dialog", { name: "You saved changes in another window" });
    await shows(dialog.getByRole("heading", { name: "Saved version" }));
    await shows(dialog.getByText("Theirs", { exact: true }).first());
    await accessible(page, "two versions of a workflow");
    await button(dialog, "Overwrite").click();
    await hides(dialog);
    assert.equal((await api("GET", `workflows/${id}`)).description, "Mine");
    await api("PATCH", `workflows/${id}`, { description: "Theirs again" });
    await rename("Mine again");
    await button(dialog, "Use theirs").click();
    await hides(dialog);
    await shows(page.getByRole("complementary", { name: "Inspector" }).getByText("Theirs again"));
    assert.equal((await api("GET", `workflows/${id}`)).description, "Theirs again");
  },
);

journey("a run is followed through a crash of the server", async (page, server) => {
  const api = await owner(server);
  const { id } = await api("POST", "workflows", asking("Survivor", "Still there?"));
  const { instanceID } = await api("POST", `workflows/${id}/execute`, {
    input: {},
  });
  await signIn(page);
  await page.goto(`${home(page)}/runs/${instanceID}`);
  const question = page.getByRole("region", { name: "Still there?" });
  await shows(question);
  await server.kill();
  const lost = page.getByRole("status").filter({ hasText: "Connection lost" });
  await shows(lost);
  await server.restart();
  await hides(lost);
  await button(question, "Approve").click();
  await shows(output(page).getByText("approved"));
  await hides(question);
});
