import { expect, it } from "vitest";
import { fill, find, press, reads, serve, show, until } from "@/ui/testing";
import { Trash } from "./list";

const day = 24 * 3600 * 1000;
const later = (days: number) => new Date(Date.now() + days * day + 60_000).toISOString();
const item = (id: string, kind: string, name: string, deletion = id) => ({
  id,
  kind,
  name,
  deletion,
  deletedAt: later(-3),
  deletedBy: "Ada",
  expiresAt: later(27),
});
const items = [
  item("w1", "widget", "Tickets by team", "one"),
  item("q1", "dataquery", "Open tickets", "one"),
];
const page = (all: unknown[]) => ({ items: all, nextCursor: null, total: all.length });

const names = () =>
  [...document.querySelectorAll("tbody tr")].map((row) => row.querySelector("td")?.textContent);

it("lists deleted records with the time of their removal, and finds them by name", async () => {
  serve({ "GET trash": ({ path }) => page(path.includes("q=open") ? items.slice(1) : items) });
  show(<Trash />);
  await until(() => expect(names()).toEqual(["Tickets by team", "Open tickets"]));
  await reads("in 27 days");
  await reads("by Ada");
  await fill("Search the trash", "open");
  await until(() => expect(names()).toEqual(["Open tickets"]));
});

it("shows only the kind that its URL names", async () => {
  serve({ "GET trash": ({ path }) => page(path.includes("kind=widget") ? items.slice(0, 1) : items) });
  show(<Trash />, "/t/t1/here?kind=widget");
  await until(() => expect(names()).toEqual(["Tickets by team"]));
});

it("restores a record, and says what was restored with it", async () => {
  let left = items;
  serve({
    "GET trash": () => page(left),
    "POST trash/w1/restore": () => {
      left = [];
      return { items };
    },
  });
  show(<Trash />);
  await press("Restore Tickets by team");
  await reads("Restored Tickets by team, with Open tickets");
  await reads("The trash is empty");
});

it("deletes for good only after a question", async () => {
  let left = items;
  const sent = serve({
    "GET trash": () => page(left),
    "DELETE trash/w1": () => void (left = items.slice(1)),
  });
  show(<Trash />);
  await press("Delete permanently: Tickets by team");
  await reads("Tickets by team will be permanently deleted. This cannot be undone.");
  expect(sent.every(({ method }) => method === "GET")).toBe(true);
  (await find<HTMLButtonElement>("[role=dialog] button", "Delete permanently")).click();
  await reads("Permanently deleted Tickets by team");
  await until(() => expect(names()).toEqual(["Open tickets"]));
});

it("offers to restore and to delete only what the role may create and delete", async () => {
  serve({ "GET trash": () => page(items) }, ["widget:create", "dataquery:delete"]);
  show(<Trash />);
  await find("button", "Restore Tickets by team");
  await find("button", "Delete permanently: Open tickets");
  const labels = [...document.querySelectorAll("tbody button")].map((button) =>
    button.getAttribute("aria-label"),
  );
  expect(labels).toEqual(["Restore Tickets by team", "Delete permanently: Open tickets"]);
});
