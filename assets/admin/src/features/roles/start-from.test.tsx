import { expect, it, vi } from "vitest";
import { find, reads, serve, show, until } from "@/ui/testing";
import { EMPTY, StartFrom } from "./start-from";

const roles = [
  { id: "r1", name: "Viewer", builtIn: "viewer", permissions: ["tenant:read", "dashboard:list"] },
  { id: "r2", name: "Support", builtIn: null, permissions: ["dashboard:list", "apikey:create"] },
];

it("a new role starts with the permissions of another, as far as the caller has them", async () => {
  const changed = vi.fn();
  serve({ "GET roles": () => ({ items: roles, nextCursor: null, total: 2 }) }, [
    "tenant:read",
    "dashboard:list",
    "role:list",
  ]);
  show(<StartFrom onChange={changed} />);
  const choose = async (name: string) => {
    (await find("input", "Start with the permissions of")).click();
    (await find("[role=option]", name)).click();
  };
  await choose("Viewer");
  await until(() => expect(changed).toHaveBeenLastCalledWith(["tenant:read", "dashboard:list"]));
  await choose("Support");
  await reads("those that it lacks are left out");
  expect(changed).toHaveBeenLastCalledWith(["dashboard:list"]);
  await choose("No role: start empty");
  await until(() => expect(changed).toHaveBeenLastCalledWith(EMPTY));
  expect(document.body.textContent).not.toContain("left out");
});
