import { afterEach, expect, it, vi } from "vitest";
import { find, reads, serve, show, until } from "@/ui/testing";
import { WorkflowList } from "./list";

afterEach(() => vi.useRealTimers());

const workflow = (id: string, fields: object = {}) => ({
  id,
  name: id,
  triggers: [],
  settings: {},
  tags: [],
  enabled: true,
  updatedAt: "2026-12-03T08:00:00Z",
  ...fields,
});
const page = (...items: object[]) => ({ items, nextCursor: null, total: items.length });
const daily = { type: "schedule", cron: "0 9 * * *", timezone: "Europe/Berlin" };

it("a list shows what starts each workflow, when that is next, and what is off", async () => {
  vi.useFakeTimers({ now: Date.parse("2026-12-03T09:00:00Z"), toFake: ["Date"] });
  const all = [
    workflow("Report", { triggers: [daily], settings: { errorWorkflowID: "Alert" } }),
    workflow("Import", { triggers: [{ type: "webhook" }], enabled: false }),
    workflow("Alert"),
    workflow("Refund"),
  ];
  const times = ["2026-12-03T08:00:00Z", "2026-12-03T12:00:00Z"];
  const sent = serve({
    "GET workflows": () => page(...all),
    "GET workflows/instances": () => page(),
    "GET members": () => page(),
    "GET workflows/uses": () => ({
      items: [{ id: "Alert", items: [{ id: "Report", kind: "workflow", name: "Report" }], count: 1 }],
    }),
    "POST workflows/cron-preview": () => ({ description: "", times }),
  });
  show(<WorkflowList />);
  await reads("in 3 h");
  const cellOf = async (name: string) => {
    const link = await find("td a", name);
    return link.closest("tr")?.querySelector("td ul")?.textContent;
  };
  expect(await cellOf("Report")).toMatch(/^ScheduleNext run in 3 h \(Dec 3, 2026/);
  expect(await cellOf("Import")).toBe("Webhookdisabled");
  await until(async () => expect(await cellOf("Alert")).toBe("After a failure"));
  expect(await cellOf("Refund")).toBe("Manual");
  expect(sent.find(({ method }) => method === "POST")?.body).toEqual({
    cron: "0 9 * * *",
    timezone: "Europe/Berlin",
  });
});
