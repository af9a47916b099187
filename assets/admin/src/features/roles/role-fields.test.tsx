import { expect, it } from "vitest";
import { find, reads, serve, show, until } from "@/ui/testing";
import { RoleFields } from "./role-fields";

const role = {
  name: "Viewer",
  description: "May look at dashboards",
  permissions: ["dashboard:list"],
  startDashboardID: null,
};
const permissions = [
  { name: "dashboard:list", description: "List dashboards" },
  { name: "dashboard:delete", description: "Delete dashboards" },
];

it("a role that cannot be changed is read, not filled in", async () => {
  serve({ "GET permissions": () => ({ items: permissions }) });
  show(<RoleFields named readOnly draft={role} errors={{}} onChange={() => undefined} />);
  await reads("May look at dashboards");
  await find("[role=img]", "Granted: List dashboards");
  await find("[role=img]", "Not granted: Delete dashboards");
  expect(document.querySelectorAll("input, textarea")).toHaveLength(0);
});

it("the start page of a role that cannot be changed can be set, or is read", async () => {
  const start = { ...role, startDashboardID: "d1" };
  const answers = {
    "GET permissions": () => ({ items: permissions }),
    "GET dashboards": () => ({ items: [{ id: "d1", name: "Sales" }], nextCursor: null, total: 1 }),
    "GET dashboards/d1": () => ({ id: "d1", name: "Sales" }),
  };
  serve(answers);
  show(<RoleFields named readOnly mayStart draft={start} errors={{}} onChange={() => undefined} />);
  await until(async () => expect((await find<HTMLInputElement>("input", "Start page")).value).toBe("Sales"));
  await reads("This role cannot read dashboards");
});

it("members read the name of the start page", async () => {
  serve({
    "GET permissions": () => ({ items: permissions }),
    "GET dashboards/d1": () => ({ id: "d1", name: "Sales" }),
  });
  const start = { ...role, startDashboardID: "d1" };
  show(<RoleFields named readOnly draft={start} errors={{}} onChange={() => undefined} />);
  await reads("Sales");
  expect(document.querySelectorAll("input")).toHaveLength(0);
});
