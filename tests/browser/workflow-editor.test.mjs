// The workflow editor: what it shows at first, building by keyboard, and trying out single steps.
import assert from "node:assert/strict";
import { button, hides, shows, signIn, title, visit } from "./support/app.mjs";
import { owner } from "./support/api.mjs";
import { accessible } from "./support/axe.mjs";
import { edges, many, node as step } from "./support/graphs.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });

const node = (page, label) => page.getByRole("group", { name: label, exact: true });

/** The zoom of the canvas once it has not moved for half a second (30 frames): moves are animated. */
const zoomOf = (page) =>
  page.locator(".react-flow__viewport").evaluate(
    (viewport) =>
      new Promise((resolve) => {
        let [seen, still] = ["", 0];
        const look = () => {
          const { transform } = getComputedStyle(viewport);
          still = transform === seen ? still + 1 : 0;
          seen = transform;
          if (still < 30) requestAnimationFrame(look);
          else resolve(new DOMMatrix(transform).a);
        };
        look();
      }),
  );

/** Creates a workflow over the API and opens it. */
async function opened(page, server, workflow) {
  const api = await owner(server);
  const { id } = await api("POST", "workflows", workflow);
  await signIn(page);
  await page.goto(`${page.url().match(/.*\/t\/[^/]+/)[0]}/workflows/${id}`);
  await shows(title(page, new RegExp(workflow.name)));
  return { api, id };
}

journey(
  "a long workflow opens readable at its start, is tidied into rows, and its steps are found",
  async (page, server) => {
    const long = many("Long way", 40);
    await opened(page, server, {
      ...long,
      nodes: long.nodes.map((one, x) => ({
        ...one,
        position: { x: x * 250, y: 0 },
      })),
    });
    await shows(node(page, "Start step start"));
    assert.ok((await zoomOf(page)) >= 0.7, "names are readable");
    // The navigation makes room; it can be expanded here, and that is remembered for editors only.
    await shows(button(page, "Expand navigation"));
    await button(page, "Tidy up").click();
    await page.waitForFunction(() => {
      const [first, seventh] = ["start", "n7"].map((id) =>
        document.querySelector(`.react-flow__node[data-id="${id}"]`)?.getBoundingClientRect(),
      );
      return first && seventh && seventh.top > first.bottom;
    });
    assert.ok((await zoomOf(page)) >= 0.7, "names are still readable");
    await page.locator(".react-flow__pane").focus();
    await page.keyboard.press("Control+f");
    await page.keyboard.type("n39");
    await shows(page.getByRole("option", { name: /^n39/ }));
    await page.mouse.move(700, 500);
    await hides(page.getByRole("tooltip"));
    await accessible(page, "the editor with its search");
    await page.keyboard.press("Enter");
    await shows(node(page, "Set values step n39").and(page.locator(":focus")));
  },
);

journey("ten steps are built with the keyboard in less than 60 key presses", async (page) => {
  await signIn(page);
  await visit(page, "Workflows");
  await button(page, "New workflow").click();
  await page.getByRole("dialog").getByRole("textbox", { name: "Name" }).fill("Ten by keys");
  await page.getByRole("dialog").getByRole("button", { name: "Create", exact: true }).click();
  await shows(node(page, "Start step start"));
  let presses = 0;
  const press = async (key) => {
    presses += 1;
    await page.keyboard.press(key);
  };
  for (let count = 1; count <= 10; count += 1) {
    await press("a");
    await shows(page.getByRole("dialog", { name: "Add a step" }));
    for (const key of ["s", "e", "t"]) await press(key);
    await press("Enter");
    const name = count === 1 ? "set" : `set${count}`;
    await shows(node(page, `Set values step ${name}`).and(page.locator(":focus")));
  }
  await press("Control+s");
  await shows(page.getByText(/Saved just now/));
  assert.ok(presses < 60, `${presses} key presses`);
  assert.equal(await page.locator(".react-flow__edge").count(), 10);
  // Back and forth along the steps; Escape in the menu returns to the step.
  await page.keyboard.press("p");
  await shows(node(page, "Set values step set9").and(page.locator(":focus")));
  await page.keyboard.press("n");
  await shows(node(page, "Set values step set10").and(page.locator(":focus")));
  await page.keyboard.press("a");
  await page.keyboard.press("Escape");
  await shows(node(page, "Set values step set10").and(page.locator(":focus")));
});

const pane = (page, name) => page.getByRole("dialog").getByRole("region", { name, exact: true });

journey("a step is opened with its input and output, and is run alone", async (page, server) => {
  const chain = {
    name: "Chain",
    nodes: [
      step("start", "start"),
      step(
        "list",
        "javascript",
        { code: "return { data: [{ city: 'Oslo' }, { city: 'Rome' }] }" },
        { position: { x: 250, y: 0 } },
      ),
      step(
        "first",
        "set",
        { values: { city: "{{ steps.list.data[0].city }}" } },
        { position: { x: 500, y: 0 } },
      ),
      step("end", "end", {}, { position: { x: 750, y: 0 } }),
    ],
    edges: edges("start>list", "list>first", "first>end"),
  };
  await opened(page, server, chain);
  await node(page, "Set values step first").click();
  await node(page, "Set values step first").focus();
  await page.keyboard.press("Enter");
  await shows(pane(page, "Input").getByText("No output yet. Run up to here to get it."));
  // What the step needs runs first, as nothing is known yet.
  await page.keyboard.press("Control+Enter");
  await shows(pane(page, "Output").getByText("Oslo"));
  await shows(pane(page, "Input").getByRole("columnheader", { name: "city" }));
  await pane(page, "Input").getByText("JSON", { exact: true }).click();
  await shows(
    pane(page, "Input")
      .getByText(/"Rome"/)
      .or(pane(page, "Input").getByText("2 items"))
      .first(),
  );
  await accessible(page, "an open step");
  await pane(page, "Output").getByRole("button", { name: "Pin this output" }).click();
  await shows(pane(page, "Output").getByText("Tests use this pinned output. Real runs ignore it."));
  await pane(page, "Output").getByRole("button", { name: "Unpin" }).click();
  await button(page, "Previous step").click();
  await shows(page.getByRole("dialog", { name: /^list/ }));
  await button(page, "Run this step").click();
  await shows(pane(page, "Output").getByRole("columnheader", { name: "city" }));
  // Escape leaves the step although the mouse has opened a tooltip.
  await shows(page.getByRole("tooltip", { name: /^Runs only this step/ }));
  await page.keyboard.press("Escape");
  await shows(node(page, "JavaScript step list").and(page.locator(":focus")));
  // Nothing after the step has run.
  await shows(node(page, "JavaScript step list").getByText("Completed"));
  assert.equal(await node(page, "Set values step first").getByText("Completed").count(), 0);
});

journey("a test says what it really does, and can leave it out", async (page, server) => {
  await opened(page, server, {
    name: "Tell others",
    nodes: [
      step("start", "start"),
      step(
        "post",
        "httpRequest",
        { method: "POST", url: "https://shop.example/orders" },
        { position: { x: 250, y: 0 } },
      ),
      step("end", "end", {}, { position: { x: 500, y: 0 } }),
    ],
    edges: edges("start>post", "post>end"),
  });
  await button(page, "Test").click();
  const dialog = page.getByRole("dialog", { name: "Test workflow" });
  const send = dialog.getByRole("checkbox", {
    name: "Sends POST https://shop.example/orders",
  });
  await shows(send);
  await accessible(page, "the question before a test");
  await send.uncheck();
  await dialog.getByRole("button", { name: "Test", exact: true }).click();
  await shows(button(page, /^Test run Completed/));
  await shows(node(page, "HTTP request step post").getByText("Skipped"));
});

journey("the call of a webhook becomes the input of the next test", async (page, server) => {
  const { api, id } = await opened(page, server, {
    name: "Called",
    enabled: true,
    triggers: [
      {
        type: "webhook",
        methods: ["POST"],
        answer: "immediately",
        enabled: true,
      },
    ],
    nodes: [
      step("start", "start"),
      step("echo", "set", { values: { got: "{{ input.body.order }}" } }, { position: { x: 250, y: 0 } }),
    ],
    edges: edges("start>echo"),
  });
  await node(page, "Start step start").dblclick();
  await button(page, "Listen for a test call").click();
  await shows(page.getByText("Waiting for a call. It also starts a real run."));
  const { triggerStates } = await api("GET", `workflows/${id}`);
  await fetch(new URL(triggerStates[0].path, server.url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ order: "A-17" }),
  });
  await shows(pane(page, "Input").getByText(/A-17/));
  await button(page, "Next step").click();
  await button(page, "Run this step").click();
  await shows(pane(page, "Output").getByText(/A-17/));
});

journey(
  "problems outside of the graph are listed before a run, and help, names and code stay out of the way",
  async (page, server) => {
    await opened(page, server, {
      name: "Not yet",
      triggers: [{ type: "webhook", methods: ["POST"], answer: "immediately", enabled: true }],
      nodes: [
        step("start", "start"),
        step("call", "httpRequest", { url: "https://shop.example" }, { position: { x: 250, y: 0 } }),
        step("script", "javascript", { code: "return 1" }, { position: { x: 500, y: 0 } }),
        step(
          "tell",
          "email",
          { to: "ann@example.com", subject: "Hi", text: "Hello" },
          { position: { x: 750, y: 0 } },
        ),
      ],
      edges: edges("start>call", "call>script", "script>tell"),
    });
    await button(page, "2 warnings").click();
    await shows(
      page
        .getByText(
          "Fails when it runs: this server cannot send email. Ask the person who runs it to set it up.",
        )
        .first(),
    );
    await shows(page.getByText("The workflow is disabled, so its triggers start no runs."));
    const inspector = page.getByRole("complementary", { name: "Inspector" });
    // A request without a body asks for none, and its help is one sentence until more is wanted.
    await node(page, "HTTP request step call").click();
    await shows(inspector.getByRole("textbox", { name: "URL" }));
    assert.equal(await inspector.getByText("Body", { exact: true }).count(), 0);
    await inspector.getByRole("button", { name: "More help" }).first().click();
    await shows(inspector.getByRole("button", { name: "Less help" }));
    // Any text is a name, from which the one in expressions is derived until it is changed separately.
    await inspector.getByRole("textbox", { name: "Name" }).fill("fetch items");
    await page.keyboard.press("Enter");
    await shows(node(page, "HTTP request step fetch items"));
    await shows(inspector.getByText("steps.fetch_items"));
    await inspector.getByRole("button", { name: "Change" }).click();
    await inspector.getByRole("textbox", { name: "Name in expressions" }).fill("fetched");
    await page.keyboard.press("Enter");
    await shows(inspector.getByText("steps.fetched"));
    await shows(node(page, "HTTP request step fetch items"));
    await node(page, "JavaScript step script").click();
    await inspector.getByRole("button", { name: "Full screen" }).click();
    await shows(page.getByRole("button", { name: "Leave full screen" }));
    const { width } = await page.getByRole("textbox", { name: "Code" }).boundingBox();
    assert.ok(width > 1000, `the editor is ${width} px wide`);
    await page.getByRole("textbox", { name: "Code" }).focus();
    await page.keyboard.press("Escape");
    await shows(inspector.getByRole("button", { name: "Full screen" }));
  },
);
