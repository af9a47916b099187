import { expect, it, vi } from "vitest";
import type { Dashboard } from "@/lib/api/model";
import { find, findButton, serve, show, until } from "@/ui/testing";
import { ShareDialog } from "./share-dialog";
import { shareTabs } from "./share-tabs";

const dashboard = { id: "d1", name: "Salaries", variables: [] } as unknown as Dashboard;
const answers = {
  "GET dashboards/d1/access": () => ({ everyone: true, level: "edit", grants: [] }),
  "GET dashboards/d1/shares": () => ({ items: [] }),
  "GET roles": () => ({ items: [], nextCursor: null, total: 0 }),
  "GET members": () => ({ items: [] }),
};
const isShown = (element: Element) =>
  element.closest<HTMLElement>("[role=tabpanel]")?.style.display !== "none";

it("a share link and the access of members are one click from each other", async () => {
  serve(answers);
  show(<ShareDialog dashboard={dashboard} tabs={["link", "access"]} onClose={vi.fn()} />);
  expect(isShown(await findButton("Create link"))).toBe(true);
  (await find("[role=tab]", "Access")).click();
  const radio = await find("input[type=radio]", "Everyone");
  await until(() => expect(isShown(radio)).toBe(true));
  expect(isShown(await findButton("Create link"))).toBe(false);
  (await find("[role=tab]", "Share link")).click();
  await until(async () => expect(isShown(await findButton("Create link"))).toBe(true));
});

it("it opens with what was asked for", async () => {
  serve(answers);
  show(<ShareDialog dashboard={dashboard} tabs={["link", "access"]} first="access" onClose={vi.fn()} />);
  expect(isShown(await find("input[type=radio]", "Everyone"))).toBe(true);
});

it("offers only what the caller may do", async () => {
  expect(shareTabs(() => true)).toEqual(["link", "access"]);
  expect(shareTabs((permission) => permission === "dashboard:update")).toEqual(["access"]);
  serve(answers);
  show(<ShareDialog dashboard={dashboard} tabs={["access"]} onClose={vi.fn()} />);
  await find("[role=tab]", "Access");
  expect(document.body.textContent).not.toContain("Share link");
});
