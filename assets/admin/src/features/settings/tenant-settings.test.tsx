import { expect, it } from "vitest";
import { fill, find, press, reads, serve, show } from "@/ui/testing";
import { TenantSettings } from "./tenant-settings";

const tenant = { id: "t1", name: "Acme", logoUrl: null, version: 1, counts: {}, settings: {} };
const routes = {
  "GET /api/v1/tenants/t1": () => tenant,
  "GET usage": () => ({ items: [] }),
};

it("are read by those who may not change them", async () => {
  serve(routes, ["tenant:read"]);
  show(<TenantSettings />);
  await reads("Acme");
  expect(document.querySelectorAll("input, textarea, button:disabled")).toHaveLength(0);
});

it("ask before changes are lost", async () => {
  serve(routes, ["tenant:read", "tenant:update"]);
  const router = show(<TenantSettings />);
  await find("input", "Name");
  await fill("Name", "Acme Europe");
  void router.navigate("/t/t1/elsewhere");
  await reads("Leave without saving?");
  await press("Stay");
  expect(router.state.location.pathname).toBe("/t/t1/here");
});
