import assert from "node:assert/strict";
import { button, hides, link, openFrom, shows, signIn, title, visit, write } from "./support/app.mjs";
import { owner } from "./support/api.mjs";
import { accessible } from "./support/axe.mjs";
import { many } from "./support/graphs.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });
const confirm = (page, verb) =>
  page.getByRole("dialog").getByRole("button", { name: verb, exact: true }).click();
const step = (page, name) =>
  page.getByRole("listitem").getByRole("button", { name: new RegExp(`^Completed ${name}`) });

journey("an in-editor test run completes, with the output of each step", async (page) => {
  await signIn(page);
  await openFrom(page, "Workflows", "Sales summary");
  await button(page, "Test").click();
  await confirm(page, "Test");
  await shows(button(page, /^Test run Completed/));
  await shows(
    page
      .getByRole("main")
      .getByText(/Revenue is (up|\d)/)
      .first(),
  );
  for (const name of ["start", "figures", "growing", "end"]) await shows(step(page, name));
  await step(page, "figures").click();
  await shows(
    page.getByRole("tabpanel", { name: "Output" }).getByRole("columnheader", { name: /revenue_before/ }),
  );
  await page.getByRole("tab", { name: "Input" }).click();
  await shows(page.getByRole("tabpanel", { name: "Input" }).getByText("days"));
});

journey("a run has a page with its steps, and is in the list of runs", async (page) => {
  await signIn(page);
  await openFrom(page, "Workflows", "Sales summary");
  await button(page, "Run").click();
  await page.getByRole("dialog").getByRole("textbox", { name: "days" }).fill("45");
  await confirm(page, "Run");
  await shows(button(page, /^Workflow run Completed/));
  await link(page, "Open run").click();
  await shows(title(page, "Run of Sales summary"));
  for (const name of ["start", "figures", "growing", "end"]) await shows(step(page, name));
  await step(page, "end").click();
  await shows(page.getByRole("tabpanel", { name: "Output" }).getByText(/in 45 days|45 days before/));
  await visit(page, "Runs");
  await shows(page.getByRole("row").filter({ hasText: "Sales summary" }).nth(4));
});

journey("a waiting run can be stopped", async (page) => {
  await signIn(page);
  await openFrom(page, "Workflows", "Refund an order");
  await button(page, "Run").click();
  await page.getByRole("dialog").getByRole("textbox", { name: "order" }).fill("1");
  await confirm(page, "Run");
  await shows(button(page, /^Workflow run Waiting/).or(button(page, /^Workflow run Running/)));
  await button(page, "Stop").click();
  await shows(button(page, /^Workflow run Cancelled/));
});

/** Opens a new workflow in the editor. */
async function newWorkflow(page, name) {
  await visit(page, "Workflows");
  await button(page, "New workflow").click();
  await page.getByRole("dialog").getByRole("textbox", { name: "Name" }).fill(name);
  await confirm(page, "Create");
  await shows(title(page, new RegExp(name)));
}

const node = (page, label) => page.getByRole("group", { name: label, exact: true });
const palette = (page, name) =>
  page.getByRole("complementary", { name: "Available steps" }).getByRole("button", { name, exact: true });
const inspector = (page) => page.getByRole("complementary", { name: "Inspector" });
const middleOf = async (locator) => {
  const { x, y, width, height } = await locator.boundingBox();
  return [x + width / 2, y + height / 2, width, height];
};

/** Drags a step by its head to a point of the window. */
async function carry(page, label, [x, y]) {
  const box = await node(page, label).boundingBox();
  await page.mouse.move(box.x + box.width * 0.4, box.y + Math.min(box.height / 2, 16));
  await page.mouse.down();
  await page.mouse.move(x - 20, y - 20, { steps: 4 });
  await page.mouse.move(x, y, { steps: 4 });
  await page.mouse.up();
}

const drawnAgain = (page) =>
  page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))),
  );

/** Selects from a list with the keyboard: the arrows wrap around. */
async function pick(page, select, name) {
  const option = page.getByRole("option", { name, exact: true });
  // The selected option is highlighted a moment after the list has opened, which may undo a key press.
  for (let tries = 0; (await select.inputValue()) !== name; tries += 1) {
    assert.ok(tries < 20, `the arrows reach ${name}`);
    await select.focus();
    if (!(await option.isVisible())) await page.keyboard.press("Enter");
    await shows(option);
    await drawnAgain(page);
    for (
      let steps = 0;
      steps < 10 && (await option.getAttribute("data-combobox-selected")) === null;
      steps += 1
    )
      await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await drawnAgain(page);
  }
}

/** Returns where an element is once it has stopped moving. */
async function still(page, locator) {
  for (let before = ""; ;) {
    const box = await locator.boundingBox();
    if (JSON.stringify(box) === before) return box;
    before = JSON.stringify(box);
    await drawnAgain(page);
  }
}

journey("a loop is filled by mouse, rejects edges across its boundary, and runs", async (page) => {
  await signIn(page);
  await newWorkflow(page, "Count up");
  await node(page, "Start step start").getByRole("button", { name: "Add a step after Next" }).click();
  await page.getByRole("dialog", { name: "Add a step" }).getByRole("button", { name: /^Loop/ }).click();
  await inspector(page).getByRole("textbox", { name: "Items" }).fill("3");
  await node(page, "Loop step loop").getByRole("button", { name: "Add a step to the loop" }).click();
  await page
    .getByRole("dialog", { name: "Add a step" })
    .getByRole("button", { name: /^JavaScript/ })
    .click();
  await shows(node(page, "JavaScript step javascript in loop"));
  await write(page, "Code", "return item * 10");
  // Dragged out of the loop and in again.
  await button(page, "Zoom to fit").click();
  await still(page, node(page, "Loop step loop"));
  const [x, y, , height] = await middleOf(node(page, "Loop step loop"));
  await carry(page, "JavaScript step javascript in loop", [x, y + height * 1.5]);
  await shows(node(page, "JavaScript step javascript"));
  await carry(page, "JavaScript step javascript", [x, y + 10]);
  await shows(node(page, "JavaScript step javascript in loop"));
  // The loop has grown to where it was dropped, and the steps it would cover have moved aside. Both are one undo step.
  const [start, loop] = [
    await still(page, node(page, "Start step start")),
    await still(page, node(page, "Loop step loop")),
  ];
  assert.ok(
    start.x + start.width < loop.x || start.y + start.height < loop.y || loop.y + loop.height < start.y,
    "the start is not below the loop",
  );
  // The start cannot be connected to a step in the loop.
  const from = await still(page, node(page, "Start step start").locator(".react-flow__handle"));
  const to = await still(
    page,
    node(page, "JavaScript step javascript in loop").locator(".react-flow__handle.target"),
  );
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(to.x - 10, to.y, { steps: 5 });
  await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, {
    steps: 3,
  });
  await page.mouse.up();
  await shows(page.getByText(/not in the same loop/));
  await accessible(page, "the editor with a loop");
  await button(page, "Test").click();
  await shows(button(page, /^Test run Completed/));
  await shows(node(page, "Loop step loop").getByText("×3"));
  // The last iteration of the selected step is expanded.
  await shows(page.getByRole("tabpanel", { name: "Output" }).getByText("20"));
  await page
    .getByRole("listitem")
    .getByRole("button", { name: /Iteration 3/ })
    .click();
  await hides(step(page, "javascript"));
  await page
    .getByRole("listitem")
    .getByRole("button", { name: /Iteration 1/ })
    .click();
  await step(page, "javascript").click();
  await shows(page.getByRole("tabpanel", { name: "Output" }).getByText("0", { exact: true }));
  // A loop is deleted with its body, after confirmation.
  await node(page, "Loop step loop").click({ position: { x: 60, y: 16 } });
  await page.keyboard.press("Delete");
  await shows(page.getByRole("dialog").getByText("and the 1 step in it"));
  await confirm(page, "Delete");
  await hides(node(page, "JavaScript step javascript in loop"));
  await page.keyboard.press("Control+z");
  await shows(node(page, "JavaScript step javascript in loop"));
});

journey("a loop is built with the keyboard alone and runs", async (page) => {
  await signIn(page);
  await newWorkflow(page, "By keys");
  const press = async (locator, key = "Enter") => {
    await locator.focus();
    await page.keyboard.press(key);
  };
  await press(button(page, "Show available steps"));
  await press(palette(page, "Loop"));
  await inspector(page).getByRole("textbox", { name: "Items" }).focus();
  await page.keyboard.insertText("{{ [1, 2] }}");
  await press(inspector(page).getByRole("button", { name: "Add a step to this loop" }));
  await page.keyboard.type("Set values");
  await page.keyboard.press("Enter");
  await shows(node(page, "Set values step set in loop"));
  // Out of the loop and in again, by name.
  const stands = inspector(page)
    .getByRole("combobox", { name: "Parent loop" })
    .or(inspector(page).getByRole("textbox", { name: "Parent loop" }))
    .first();
  await pick(page, stands, "No loop");
  await shows(node(page, "Set values step set"));
  await pick(page, stands, "loop");
  await shows(node(page, "Set values step set in loop"));
  await press(node(page, "Start step start"));
  await press(inspector(page).getByRole("button", { name: "Connections" }));
  await press(
    inspector(page)
      .getByRole("combobox", { name: "Connect Next to" })
      .or(inspector(page).getByRole("textbox", { name: "Connect Next to" }))
      .first(),
    "ArrowDown",
  );
  await page.keyboard.type("loop");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await shows(inspector(page).getByRole("button", { name: "Disconnect loop" }));
  await press(button(page, "Test"));
  await shows(button(page, /^Test run Completed/));
  await press(page.getByRole("listitem").getByRole("button", { name: /Iteration 2/ }), "ArrowRight");
  await page.keyboard.press("ArrowDown");
  await shows(
    page
      .getByRole("listitem")
      .getByRole("button", { name: /^Completed set/ })
      .and(page.locator(":focus")),
  );
});

journey("an approval is answered from its run and from the list of approvals", async (page) => {
  await signIn(page);
  await newWorkflow(page, "Ask me");
  await node(page, "Start step start").getByRole("button", { name: "Add a step after Next" }).click();
  await page
    .getByRole("dialog", { name: "Add a step" })
    .getByRole("button", { name: /^Approval/ })
    .click();
  await inspector(page).getByRole("textbox", { name: "Title" }).fill("Ship it?");
  await button(page, "Save").click();
  await shows(page.getByText(/Saved just now/));
  for (const _ of [1, 2]) {
    await button(page, "Run").click();
    await shows(button(page, /^Workflow run Waiting/));
  }
  await link(page, "Open run").click();
  await shows(title(page, "Run of Ask me"));
  const question = page.getByRole("region", { name: "Ship it?" });
  await shows(question);
  await accessible(page, "a run that asks");
  await question.getByRole("button", { name: "Approve" }).click();
  await shows(page.getByRole("tabpanel", { name: "Output" }).getByText("approved"));
  await page
    .getByRole("navigation", { name: "Pages" })
    .getByRole("link", { name: /^Approvals/ })
    .click();
  await shows(title(page, "Approvals"));
  await page
    .getByRole("list", { name: "Pending approvals" })
    .getByRole("button", { name: /Ship it/ })
    .first()
    .click();
  await accessible(page, "the list of approvals");
  await question.getByRole("button", { name: "Reject" }).click();
  await hides(question);
});

journey("a run is replayed from a step, with the previous outputs reused", async (page) => {
  await signIn(page);
  await openFrom(page, "Workflows", "Sales summary");
  await button(page, "Run").click();
  await page.getByRole("dialog").getByRole("textbox", { name: "days" }).fill("20");
  await confirm(page, "Run");
  await shows(button(page, /^Workflow run Completed/));
  await link(page, "Open run").click();
  await shows(title(page, "Run of Sales summary"));
  await step(page, "growing").click();
  await button(page, "Replay").click();
  await page.getByRole("menuitem", { name: /^Retry from growing/ }).click();
  await shows(link(page, "an earlier run"));
  await shows(page.getByRole("listitem").getByRole("button", { name: /figures.*reused/ }));
  await page
    .getByRole("listitem")
    .getByRole("button", { name: /figures/ })
    .click();
  // of the run, and of the selected step
  await shows(link(page, "an earlier run").nth(1));
  await accessible(page, "a run of an earlier run");
});

journey(
  "with three hundred steps nothing renders while the canvas pans, and only the dragged step while one is dragged",
  async (page, server) => {
    const api = await owner(server);
    const { id } = await api("POST", "workflows", many("Three hundred", 300));
    await signIn(page);
    await page.goto(`${page.url().match(/.*\/t\/[^/]+/)[0]}/workflows/${id}`);
    await button(page, "Zoom to fit").click();
    await shows(node(page, "Set values step n150"));
    await still(page, node(page, "Set values step n150"));
    await page.evaluate(() => {
      globalThis.redrawn = new Set();
      const noted = (changes) =>
        changes.forEach(({ target }) =>
          globalThis.redrawn.add(target.closest?.(".react-flow__node")?.dataset.id),
        );
      new MutationObserver(noted).observe(document.querySelector(".react-flow__nodes"), {
        subtree: true,
        attributes: true,
        characterData: true,
      });
    });
    const redrawn = () => page.evaluate(() => [...globalThis.redrawn].filter(Boolean).sort());
    const from = await node(page, "Set values step n150").boundingBox();
    const [x, y] = [from.x + from.width / 2, from.y + from.height / 2];
    // Below all steps there is nothing to grab.
    const [paneX, paneY, , paneHeight] = await middleOf(page.locator(".react-flow__pane"));
    await page.mouse.move(paneX, paneY + paneHeight * 0.3);
    await page.mouse.down();
    await page.mouse.move(paneX + 60, paneY + paneHeight * 0.3 + 30, {
      steps: 12,
    });
    await page.mouse.up();
    const to = await still(page, node(page, "Set values step n150"));
    assert.ok(Math.abs(to.x - from.x - 60) < 4 && Math.abs(to.y - from.y - 30) < 4, "the canvas has moved");
    assert.deepEqual(await redrawn(), []);
    await page.mouse.move(x + 60, y + 30);
    await page.mouse.down();
    await page.mouse.move(x + 90, y + 45, { steps: 12 });
    await page.mouse.up();
    await still(page, node(page, "Set values step n150"));
    assert.deepEqual(await redrawn(), ["n150"]);
  },
);
