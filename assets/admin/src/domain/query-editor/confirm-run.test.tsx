import { expect, it } from "vitest";
import type { DataQueryDraft } from "@/lib/api/model";
import { unknownType } from "@/lib/api/unknown-type";
import { failed, find, findButton, press, reads, serve, show, until, type Sent } from "@/ui/testing";
import { ConfirmRun } from "./confirm-run";
import { useRunner } from "./run";
import { RunButtons } from "./run-button";
import { offersOf } from "./source/statement";

const parameter = (name: string, standard: unknown = null) => ({
  name,
  type: "string" as const,
  required: false,
  default: standard,
  description: "",
  allowed: [],
});
const draft: DataQueryDraft = {
  name: "Purge",
  datasourceID: "s1",
  options: { sql: "delete from orders where state = {{ params.state }}" },
  parameters: [parameter("state", "old")],
  columns: [],
  transformer: null,
  cacheSeconds: 0,
  timeoutMs: 1000,
  maxRows: 100,
  runOnLoad: false,
};
const base = unknownType("sqlite");
const type = { ...base, capabilities: { ...base.capabilities, sql: true, preview: true, slices: true } };

const done = {
  data: [],
  columns: null,
  rowCount: 0,
  affectedRows: 2,
  truncated: false,
  durationMs: 1,
  cache: "off",
};
const runs = (sent: Sent[]) =>
  sent.filter(({ path }) => path === "data-queries/test").map(({ body }) => body);

/** Answers as the server does. */
const world = (changesData: boolean) =>
  serve({
    "POST data-queries/effect": () => ({ changesData, certain: changesData }),
    "POST data-queries/test": ({ body }) =>
      changesData && (body as { mustRead?: boolean }).mustRead
        ? failed(422, "CHANGES_DATA", "this query changes data, so it is not executed to show its result")
        : done,
  });

function Page({ query = draft }) {
  const runner = useRunner(query, null, true, type);
  return (
    <>
      <RunButtons runner={runner} offers={offersOf(type, runner.effect)} />
      <p>{runner.result ? `${runner.asked?.mode} done` : "nothing"}</p>
      <p>{runner.error ? "refused" : ""}</p>
      <button onClick={() => void runner.load()}>Open</button>
      <ConfirmRun runner={runner} previews={type.capabilities.preview} />
    </>
  );
}

it("runs a query that reads at once", async () => {
  const sent = world(false);
  show(<Page />);
  await press("RunCtrl ↵");
  await reads("run done");
  expect(runs(sent)).toEqual([expect.objectContaining({ mustRead: true, slice: { offset: 0, limit: 100 } })]);
});

it("asks before it runs a query that changes data, with the statement and its values", async () => {
  const sent = world(true);
  show(<Page />);
  await press("RunCtrl ↵");
  await reads("Run a query that changes data?");
  await reads("delete from orders where state = {{ params.state }}");
  expect((await find("dl", "Values")).textContent).toBe("stateold");
  expect(document.body.textContent).toContain("nothing");
  await press("Run");
  await reads("run done");
  expect(runs(sent)).toHaveLength(1);
  expect(runs(sent)[0]).not.toHaveProperty("mustRead");
  expect(runs(sent)[0]).not.toHaveProperty("slice");
});

it("previews the changes instead, or runs nothing", async () => {
  const sent = world(true);
  show(<Page />);
  await press("RunCtrl ↵");
  await reads("Run a query that changes data?");
  const buttons = [...document.querySelectorAll<HTMLButtonElement>("[role=dialog] button")];
  buttons.find(({ textContent }) => textContent === "Preview changes")?.click();
  await reads("preview done");
  expect(runs(sent).at(-1)).toMatchObject({ mode: "preview" });
  await press("RunCtrl ↵");
  await press("Cancel");
  await until(() => expect(document.querySelector("[role=dialog]")).toBeNull());
  expect(runs(sent).filter((body) => !(body as { mustRead?: boolean }).mustRead)).toHaveLength(1);
});

it("does not ask when a page is opened: the query is refused", async () => {
  const sent = world(true);
  show(<Page />);
  await press("Open");
  await reads("refused");
  expect(document.querySelector("[role=dialog]")).toBeNull();
  expect(runs(sent)).toHaveLength(1);
  await findButton("Preview changes");
});

it("does not ask about a query without a required value: the server refuses it at its field", async () => {
  const sent = serve({
    "POST data-queries/effect": () => ({ changesData: true, certain: true }),
    "POST data-queries/test": () => failed(400, "INVALID_REQUEST", "parameters.state is required"),
  });
  show(<Page query={{ ...draft, parameters: [{ ...parameter("state"), required: true }] }} />);
  await press("RunCtrl ↵");
  await reads("refused");
  expect(document.querySelector("[role=dialog]")).toBeNull();
  expect(runs(sent)).toHaveLength(1);
  // With it, the server would say first that the query changes data.
  expect(runs(sent)[0]).not.toHaveProperty("mustRead");
});
