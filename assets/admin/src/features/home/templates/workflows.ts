import { t } from "@lingui/core/macro";
import type { WorkflowDraft } from "@/lib/api/model";
import { orderSource, yesterdayOf } from "./orders";
import LIST from "./sql/requests.sql?raw";
import SAVE from "./sql/requests-save.sql?raw";
import TABLE from "./sql/requests-table.sql?raw";
import { boardOf, databasePath, nodesInRow, parameterOf, queryOf, widgetOf, type Build } from "./template";

const draftOf = (
  name: string,
  given: Pick<WorkflowDraft, "nodes" | "edges"> & Partial<WorkflowDraft>,
): WorkflowDraft => ({
  name,
  description: "",
  enabled: true,
  inputs: [],
  triggers: [],
  settings: {},
  ...given,
});

/** Connects nodes one after the other. */
const chain = (...ids: string[]) =>
  ids.slice(1).map((target, index) => ({ id: `e${index + 1}`, source: ids[index] ?? "", target }));

/** Small expenses are accepted, larger ones wait for a person. */
export const approval: Build = async ({ make }) => {
  const nodes = nodesInRow([
    ["start", "start"],
    [
      "size",
      "condition",
      {
        branches: [
          {
            id: "large",
            label: t`100 or more`,
            when: { rows: [{ left: "{{ input.amount }}", operator: "greaterOrEqual", right: 100 }] },
          },
        ],
      },
    ],
    [
      "ask",
      "approval",
      {
        title: t`Pay ${"{{ input.amount }}"} EUR?`,
        description: "{{ input.reason }}",
        fields: [parameterOf("note", { description: t`A remark for the person who asked` })],
      },
    ],
    ["paid", "end", { output: { paid: true, amount: "{{ input.amount }}" } }],
    ["refused", "end", { output: { paid: false, note: "{{ steps.ask.data.note }}" } }],
  ]);
  const [, , ask, paid, refused] = nodes;
  if (ask && paid && refused) {
    ask.position.y = 0;
    refused.position = { x: paid.position.x, y: 0 };
    paid.position.y = 200;
  }
  const workflow = await make(
    "workflow",
    draftOf(t`Expense approval`, {
      inputs: [
        parameterOf("amount", { type: "number", required: true, description: t`In euros` }),
        parameterOf("reason", { required: true, description: t`What the money is for` }),
      ],
      nodes,
      edges: [
        { id: "e1", source: "start", target: "size" },
        { id: "e2", source: "size", sourceHandle: "large", target: "ask" },
        { id: "e3", source: "size", sourceHandle: "default", target: "paid" },
        { id: "e4", source: "ask", sourceHandle: "approved", target: "paid" },
        { id: "e5", source: "ask", sourceHandle: "rejected", target: "refused" },
      ],
    }),
  );
  return ["workflows", workflow.id];
};

/** Summarizes yesterday's sample orders every night. */
export const report: Build = async (tools) => {
  const { make } = tools;
  const source = await orderSource(tools);
  const query = await make("dataquery", yesterdayOf(source));
  const [orders, revenue] = ["{{ steps.figures.data[0].orders }}", "{{ steps.figures.data[0].revenue }}"];
  const workflow = await make(
    "workflow",
    draftOf(t`Nightly report`, {
      triggers: [
        {
          type: "schedule",
          id: "nightly",
          cron: "0 3 * * *",
          timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
          missed: "skip",
          enabled: true,
        },
      ],
      nodes: nodesInRow([
        ["start", "start"],
        ["figures", "dataQuery", { queryID: query.id }],
        ["summary", "set", { values: { text: t`Yesterday: ${orders} orders, ${revenue} EUR.` } }],
        ["end", "end", { output: { summary: "{{ steps.summary.text }}" } }],
      ]),
      edges: chain("start", "figures", "summary", "end"),
    }),
  );
  return ["workflows", workflow.id];
};

/** Stores what is sent to a webhook, and shows it on a dashboard. */
export const intake: Build = async ({ make, run }) => {
  const { id: source } = await make("datasource", {
    name: t`Requests`,
    description: "",
    type: "sqlite",
    options: { path: databasePath("requests"), readOnly: false },
    tags: [],
  });
  await run(source, TABLE);
  const sent = [parameterOf("sender", { required: true }), parameterOf("message", { required: true })];
  const passedOn = Object.fromEntries(sent.map(({ name }) => [name, `{{ input.${name} }}`]));
  const save = await make("dataquery", queryOf(t`Save a request`, source, SAVE, sent));
  const list = await make("dataquery", queryOf(t`Requests`, source, LIST));
  const workflow = await make(
    "workflow",
    draftOf(t`Webhook intake`, {
      inputs: sent,
      triggers: [{ type: "webhook", id: "intake", methods: ["POST"], answer: "immediately", enabled: true }],
      nodes: nodesInRow([
        ["start", "start"],
        ["save", "dataQuery", { queryID: save.id, parameters: passedOn }],
        ["end", "end"],
      ]),
      edges: chain("start", "save", "end"),
    }),
  );
  const table = await widgetOf(make, t`Requests`, "table", {
    queryID: list.id,
    columns: [
      { field: "id", hidden: true },
      { field: "received_at", label: t`Received`, format: "datetime" },
      { field: "sender", label: t`Sender` },
      { field: "message", label: t`Message` },
    ],
  });
  await make("dashboard", { ...boardOf(t`Requests`, [[table, 0, 0, 12, 9]]), refreshSeconds: 30 });
  return ["workflows", workflow.id];
};
