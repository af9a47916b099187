import { expect, it } from "vitest";
import { find, reads, serve, show } from "@/ui/testing";
import { RoleFields } from "./role-fields";

const role = { name: "Viewer", description: "May look at dashboards", permissions: ["dashboard:list"] };
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
