import { expect, it } from "vitest";
import { find, serve, show } from "@/ui/testing";
import { QueryList } from "./list";

it("the mark of a query that changes data leaves the name its room: it can go below it", async () => {
  const query = { id: "q1", name: "Set a product's stock", datasourceID: "s1", changesData: true, tags: [] };
  const list = (...items: object[]) => ({ items, nextCursor: null, total: items.length });
  serve({
    "GET data-queries": () => list(query),
    "GET datasources": () => list(),
    "GET dashboards": () => list(),
  });
  show(<QueryList />);
  const link = await find("td a", "Set a product's stock");
  expect(link.parentElement?.textContent).toContain("Changes data");
});
