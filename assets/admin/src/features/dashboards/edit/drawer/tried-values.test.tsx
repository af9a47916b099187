import { expect, test, vi } from "vitest";
import type { Dashboard, DataQueryDraft, JsonObject } from "@/lib/api/model";
import { unknownType } from "@/lib/api/unknown-type";
import { find, press, serve, show, until } from "@/ui/testing";
import { DashboardBuilder } from "../edit";
import { emptyDashboard, list, plans, widgetTypes } from "../edit.setup";

const parameter = { type: "string", required: true, default: null, description: "", allowed: [] };
const parameters = [
  { ...parameter, name: "region" },
  { ...parameter, name: "plan" },
] as DataQueryDraft["parameters"];

// The query is written and run in an editor that needs a real browser.
vi.mock("./query-step", () => ({
  QueryStep: (props: {
    hidden: boolean;
    onChange: (change: Partial<DataQueryDraft>) => void;
    onContinue: (tried: JsonObject) => void;
  }) => (
    <>
      <button onClick={() => props.onChange({ options: { sql: "select 1" }, parameters })}>Write</button>
      <button onClick={() => props.onContinue({ region: "EU", plan: "pro" })}>Continue</button>
    </>
  ),
}));
vi.mock("@/domain/widgets/kinds/charts/bar", () => ({ BarWidget: () => null }));
Object.defineProperty(document, "fonts", { value: new EventTarget(), configurable: true });

const dashboard = {
  ...emptyDashboard,
  variables: [{ name: "region", type: "text", default: null, options: [] }],
} as Dashboard;

test("a widget shows the data that its new query was tried with", async () => {
  const sent = serve(
    {
      "GET /api/v1/widget-types": () => ({ items: widgetTypes }),
      "GET /api/v1/datasource-types": () => ({ items: [{ ...unknownType("sql"), type: "sql" }] }),
      "GET datasources": () => list({ id: "s1", name: "Shop", type: "sql", options: {} }),
      "GET data-queries": () => list(),
      "GET widgets": () => list(),
      "POST data-queries/test": () => plans,
    },
    ["datasource:list", "datasource:read", "dataquery:list", "dataquery:read", "dataquery:create"].concat([
      "dataquery:execute",
      "widget:list",
      "widget:read",
      "widget:create",
      "dashboard:read",
      "dashboard:update",
    ]),
  );
  show(<DashboardBuilder dashboard={dashboard} />);
  await press("Add the first widget");
  await press("Write a queryQuery a datasource, then select a chart.");
  await press("Write");
  await press("Continue");
  // Its kind follows from the rows that these values find.
  await until(async () => expect((await find("button", "bar")).getAttribute("aria-pressed")).toBe("true"));
  const asked = sent.filter(({ path }) => path.startsWith("data-queries/test"));
  expect(asked.at(-1)?.body).toMatchObject({ values: { region: "EU", plan: "pro" } });
  expect((await find<HTMLInputElement>("[aria-label='Preview filters'] input", "Region")).value).toBe("EU");
});
