import { act } from "@testing-library/react";
import { beforeAll, expect, it } from "vitest";
import { withSize } from "@/lib/render.setup";
import { find, reads, serve, show, until } from "@/ui/testing";
import { SchemaBrowser } from "./schema-browser";

beforeAll(() => withSize(800, 400));

const list = (...items: object[]) => ({ items, nextCursor: null, total: items.length });
const column = {
  name: "total",
  type: "numeric",
  nullable: false,
  primaryKey: false,
  references: null,
  default: null,
  comment: "With taxes",
};

it("shows what is known about a column also without a mouse, where nothing can be inserted", async () => {
  const table = { name: "orders", schema: null, kind: "table", comment: null, columns: [column] };
  serve({ "GET datasources/s1/schema": () => list(table) }, ["datasource:read"]);
  show(<SchemaBrowser datasourceID="s1" quote={'"'} previews={false} />);
  (await find("button", "Columns of orders")).click();
  const name = await find("[tabindex='0']", "total");
  act(() => name.focus());
  await reads("With taxes");
  act(() => name.blur());
  await until(() => expect(document.body.textContent).not.toContain("With taxes"));
});
