import { expect, test, vi } from "vitest";
import { failed, find, findButton, press, reads, serve, show, until } from "@/ui/testing";
import { Access } from "./access";

const roles = [
  { id: "r1", name: "Builder", description: "", permissions: ["dashboard:read", "dashboard:update"] },
  { id: "r2", name: "Support", description: "", permissions: ["dashboard:read"] },
];
const may = ["dashboard:read", "dashboard:list", "dashboard:update", "role:list", "member:list"];
const dashboard = { id: "d1", name: "Salaries" };

test("a dashboard is restricted to roles, and its editor keeps it", async () => {
  const closed = vi.fn();
  const sent = serve(
    {
      "GET dashboards/d1/access": () => ({ everyone: true, level: "edit", grants: [] }),
      "GET roles": () => ({ items: roles, nextCursor: null, total: 2 }),
      "GET members": () => ({ items: [] }),
      "PUT dashboards/d1/access": () => ({ everyone: false, level: "edit", grants: [] }),
    },
    may,
  );
  show(<Access dashboard={dashboard} onClose={closed} />);
  (await find("input[type=radio]", "Only selected roles and members")).click();
  await reads("Builder");
  (await find("input", "Add a role or a member")).click();
  (await find("[role=option]", "Support")).click();
  await reads("Their role only views dashboards.");
  await press("Save");
  await until(() => expect(closed).toHaveBeenCalled());
  expect(sent.find(({ method }) => method === "PUT")?.body).toEqual({
    everyone: false,
    grants: [
      { roleID: "r1", level: "edit" },
      { roleID: "r2", level: "use" },
    ],
  });
});

test("the dialog says why a change is refused, and keeps what was selected", async () => {
  serve(
    {
      "GET dashboards/d1/access": () => ({
        everyone: false,
        level: "edit",
        grants: [{ roleID: "r2", userID: null, level: "view", name: "Support", email: null }],
      }),
      "GET roles": () => ({ items: roles, nextCursor: null, total: 2 }),
      "GET members": () => ({ items: [] }),
      "PUT dashboards/d1/access": () => failed(400, "INVALID_REQUEST", "you would lose your own access"),
    },
    may,
  );
  show(<Access dashboard={dashboard} onClose={vi.fn()} />);
  await findButton("Remove Support");
  await press("Save");
  await reads("Could not save the access");
  await findButton("Remove Support");
});
