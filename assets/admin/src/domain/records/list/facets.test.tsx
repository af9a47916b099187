import { expect, it } from "vitest";
import { find, press, reads, serve, show, until } from "@/ui/testing";
import { ResourceList } from "../resource-list";

const datasources = [
  { id: "s1", name: "Shop", type: "sqlite", tags: ["sales", "live"], createdBy: "u1" },
  { id: "s2", name: "Logs", type: "rest", tags: ["live"], createdBy: "u2" },
  { id: "s3", name: "Spare", type: "sqlite", tags: [], createdBy: "u2" },
];
const uses = [
  { id: "s1", items: [], count: 2 },
  { id: "s2", items: [], count: 1 },
  { id: "s3", items: [], count: 0 },
];

const list = (
  <ResourceList
    kind="datasource"
    noun={["datasource", "datasources"]}
    columns={[{ label: "Name", render: ({ name }) => name }]}
    empty={{ icon: () => null, title: "", text: "" } as never}
  />
);

/** Shows the list at an address and returns the names that it lists. */
async function listed(search: string): Promise<string[]> {
  serve(
    {
      "GET datasources": () => ({ items: datasources, nextCursor: null, total: 3 }),
      "GET datasources/uses": ({ path }) => ({
        items: uses.filter(({ id }) => path.includes(id)),
      }),
      "GET members": () => ({
        items: [
          { userID: "u1", name: "Ada", email: "ada@example.com" },
          { userID: "u2", name: "Bea", email: "bea@example.com" },
        ],
      }),
    },
    ["datasource:list", "member:list"],
  );
  show(list, `/t/t1/here?${search}`);
  await reads(search === "" ? "3 datasources" : "datasource");
  return until(() => {
    const names = [...document.querySelectorAll("tbody tr:not([aria-hidden]) td:first-child")];
    expect(names.length).toBeGreaterThan(0);
    expect(document.body.textContent).toContain(`${names.length} datasource`);
    return names.map(({ textContent }) => textContent ?? "");
  });
}

it.each([
  ["", ["Shop", "Logs", "Spare"]],
  ["tag=sales", ["Shop"]],
  ["tag=live", ["Shop", "Logs"]],
  ["by=u2", ["Logs", "Spare"]],
  ["type=sqlite", ["Shop", "Spare"]],
  ["use=unused", ["Spare"]],
  ["use=used&by=u2", ["Logs"]],
])("a list is filtered by tag, creator, type and use: %s", async (search, names) => {
  expect(await listed(search)).toEqual(names);
});

it("offers to clear filters that nothing fits", async () => {
  serve({ "GET datasources": () => ({ items: datasources, nextCursor: null, total: 3 }) }, [
    "datasource:list",
  ]);
  show(list, "/t/t1/here?tag=none&q=zzz");
  await reads("No results.");
  await press("Clear search and filters");
  await reads("3 datasources");
});

it("offers the members who may have created a record", async () => {
  await listed("");
  await find("input", "Filter by: Created by");
  await find("input", "Filter by: Tag");
});
