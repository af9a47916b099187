import { describe, expect, it, vi } from "vitest";
import { failed, fill, find, findButton, press, reads, serve, show, until } from "@/ui/testing";
import { DeleteRecord } from "./delete-record";

const record = { id: "d1", name: "Support DB" };

function open(onDeleted = vi.fn(), kind: "datasource" | "file" = "datasource") {
  const onClose = vi.fn();
  show(<DeleteRecord kind={kind} record={record} onClose={onClose} onDeleted={onDeleted} />);
  return { onClose, onDeleted };
}

const used = {
  items: [
    { id: "q1", kind: "dataquery", name: "Open tickets" },
    { id: "w1", kind: "widget", name: "Tickets by team" },
  ],
  more: [{ kind: "workflow", count: 2 }],
};

describe("deleting a record", () => {
  it("needs no more than a click if nothing uses it, and can be undone", async () => {
    const sent = serve({
      "GET /api/v1/setup": () => ({ trashDays: 30 }),
      "GET datasources/d1/uses": () => ({ items: [], more: [] }),
      "DELETE datasources/d1": () => undefined,
      "POST trash/d1/restore": () => ({ items: [{ kind: "datasource", ...record }] }),
    });
    const { onDeleted } = open();
    await reads("Support DB will be kept in the trash for 30 days.");
    await until(async () => expect((await findButton("Delete")).disabled).toBe(false));
    await press("Delete");
    await until(() => expect(onDeleted).toHaveBeenCalled());
    await reads("Deleted Support DB");
    await press("Undo");
    await reads("Restored Support DB");
    expect(
      sent.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`),
    ).toEqual(["DELETE datasources/d1", "POST trash/d1/restore"]);
  });

  it("shows everything that uses it first, as links, and needs its name to delete that, too", async () => {
    const sent = serve({
      "GET datasources/d1/uses": () => used,
      "DELETE datasources/d1": () => undefined,
    });
    const { onDeleted } = open();
    // Also what would be lost with what uses it.
    await until(() => expect(sent.map(({ path }) => path)).toContain("datasources/d1/uses?indirect=true"));
    const link = await find<HTMLAnchorElement>("a", "Open tickets");
    expect(link.pathname).toBe("/t/t1/data-queries/q1");
    await find("a", "Tickets by team");
    await reads("and 2 more records");
    const button = await findButton("Delete all");
    expect(button.disabled).toBe(true);
    await fill("Enter Support DB to delete it with what needs it", "Support");
    expect(button.disabled).toBe(true);
    await fill("Enter Support DB to delete it with what needs it", "Support DB");
    await until(() => expect(button.disabled).toBe(false));
    button.click();
    await until(() => expect(onDeleted).toHaveBeenCalled());
    expect(sent.at(-1)?.path ?? "").not.toBe("");
    expect(sent.find(({ method }) => method === "DELETE")?.path).toBe("datasources/d1?cascade=true");
  });

  it("says of which roles it is the start page, and needs no name for that", async () => {
    const starts = { items: [{ id: "r1", kind: "role", name: "Sales" }], more: [] };
    const sent = serve({ "GET datasources/d1/uses": () => starts, "DELETE datasources/d1": () => undefined });
    const { onDeleted } = open();
    await reads("It is the start page of these roles");
    await find("a", "Sales");
    await until(async () => expect((await findButton("Delete")).disabled).toBe(false));
    await press("Delete");
    await until(() => expect(onDeleted).toHaveBeenCalled());
    expect(sent.find(({ method }) => method === "DELETE")?.path).toBe("datasources/d1?cascade=true");
  });

  it("shows what began to use it in the meantime, and asks again", async () => {
    let refused = false;
    const sent = serve({
      "GET datasources/d1/uses": () => (refused ? used : { items: [], more: [] }),
      "DELETE datasources/d1": ({ path }) => {
        refused = true;
        return path.includes("cascade")
          ? undefined
          : failed(409, "CONFLICT", 'it is used by the query "Open tickets": delete them first');
      },
    });
    const { onDeleted } = open();
    await until(async () => expect((await findButton("Delete")).disabled).toBe(false));
    await press("Delete");
    await find("a", "Open tickets");
    expect((await findButton("Delete all")).disabled).toBe(true);
    await fill("Enter Support DB to delete it with what needs it", "Support DB");
    await until(async () => expect((await findButton("Delete all")).disabled).toBe(false));
    await press("Delete all");
    await until(() => expect(onDeleted).toHaveBeenCalled());
    expect(sent.find(({ path }) => path.includes("cascade"))?.path).toBe("datasources/d1?cascade=true");
  });

  it.each([
    [1, "Support DB will be kept in the trash for 1 day."],
    [0, "Support DB will be permanently deleted."],
  ])("names for how long the server keeps it: %i days", async (trashDays, text) => {
    serve({
      "GET datasources/d1/uses": () => ({ items: [], more: [] }),
      "GET /api/v1/setup": () => ({ trashDays }),
    });
    open();
    await reads(text);
  });

  it("offers nothing to delete while it is unknown what uses it", async () => {
    serve({ "GET datasources/d1/uses": () => failed(500, "INTERNAL", "Out of order") });
    open();
    await reads("Out of order");
    expect((await findButton("Delete")).disabled).toBe(true);
  });

  it("names every record that a file has become a part of, in the order in which they use each other", async () => {
    const part = (kind: string, name: string) => ({ id: name, kind, name });
    serve({
      "GET files/d1/uses": ({ path }) =>
        path.endsWith("?indirect=true")
          ? {
              items: [
                part("dashboard", "Support"),
                part("dataquery", "Open tickets"),
                part("datasource", "Tickets"),
                part("widget", "Tickets by team"),
              ],
              more: [],
            }
          : { items: [part("datasource", "Tickets")], more: [] },
    });
    open(vi.fn(), "file");
    await find("a", "Support");
    expect([...document.querySelectorAll("[role=group] a")].map(({ textContent }) => textContent)).toEqual([
      "Tickets",
      "Open tickets",
      "Tickets by team",
      "Support",
    ]);
    await reads("Datasources, queries and widgets that need it are deleted, too.");
    expect((await findButton("Delete all")).disabled).toBe(true);
  });

  it("is final for roles, which have no trash", async () => {
    serve({
      "GET roles/d1/uses": () => ({ items: [], more: [] }),
      "DELETE roles/d1": () => undefined,
    });
    open(vi.fn(), "role");
    await reads("Support DB will be permanently deleted.");
    await until(async () => expect((await findButton("Delete")).disabled).toBe(false));
    await press("Delete");
    await reads("Deleted Support DB");
    expect([...document.querySelectorAll("button")].map(({ textContent }) => textContent)).not.toContain(
      "Undo",
    );
  });
});
