import { expect, test } from "vitest";
import type { DashboardVariable, JsonObject } from "@/lib/api/model";
import { find, findButton, press, reads, serve, show } from "@/ui/testing";
import { Preview } from "./preview";
import { noDashboard, usePreviewFilters, type DashboardFilters } from "./preview-filters";

const parameters = [
  { name: "since", type: "date", required: false, default: null, description: "", allowed: [] },
  { name: "size", type: "string", required: false, default: null, description: "", allowed: ["S", "L"] },
] as const;
const config = { queryID: "q1", parameters: { since: "{{ vars.period.from }}", size: "{{ vars.size }}" } };
const data = {
  result: null,
  error: null,
  fetching: false,
  missing: [],
  waiting: [],
  asked: null,
  refetch: () => {},
};

function Tried({ dashboard, seen }: { dashboard: DashboardFilters; seen: JsonObject[] }) {
  const filters = usePreviewFilters(config, { parameters: [...parameters] } as never, dashboard);
  seen.push(filters.variables);
  return (
    <Preview
      draft={{ name: "Orders", description: "", type: "table", config }}
      data={data}
      filters={filters}
    />
  );
}

const period: DashboardVariable = { name: "period", type: "timeRange", default: "last-7-days", options: [] };

test("a preview has the filters of its dashboard, with their kinds of input and their values", async () => {
  serve({});
  const seen: JsonObject[] = [];
  const dashboard = { definitions: [period], values: { period: "last-7-days" }, queries: {} };
  show(<Tried dashboard={dashboard} seen={seen} />);
  await findButton("Period: Last 7 days");
  expect(seen.at(-1)?.["period"]).toHaveProperty("from");
  await press("Period: Last 7 days");
  await press("Last 15 minutes");
  await findButton("Period: Last 15 minutes");
});

test("the preview of a widget without a dashboard guesses its filters from the query", async () => {
  serve({});
  const seen: JsonObject[] = [];
  show(<Tried dashboard={noDashboard} seen={seen} />);
  await findButton("Period: Any time");
  (await find("input", "Size")).click();
  await find("[role=option]", "L");
  expect(document.body.textContent).not.toContain("[object Object]");
  expect(seen.at(-1)).toEqual({});
  await press("Period: Any time");
  await press("Today");
  await reads("Today");
  expect(seen.at(-1)?.["period"]).toHaveProperty("to");
});
