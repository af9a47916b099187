import { expect, test } from "vitest";
import type { DashboardItem, JsonObject, Widget } from "@/lib/api/model";
import { formFor } from "./follow-selection";

const widget = (id: string, type: string, config: JsonObject) => ({ id, type, config }) as unknown as Widget;
const item = (key: string, rest: object = {}) =>
  ({ key, title: key, widgetID: key, ...rest }) as DashboardItem;

const table = widget("rows", "table", { selects: [{ variable: "id", field: "id" }] });
const form = (id: string, needsRow = true) =>
  widget(id, "form", { needsRow, parameters: { id: "{{ vars.id }}" } });
const items = [item("rows"), item("new"), item("edit")];

test("finds the form for the row that was selected", () => {
  const widgets = [table, form("new", false), form("edit")];
  expect(formFor({ id: 7 }, items, widgets)).toBe("edit");
});

test("finds none for other variables, deselected rows and forms in a drawer", () => {
  const widgets = [table, form("edit")];
  expect(formFor({ region: "EU" }, items, widgets)).toBeNull();
  expect(formFor({ id: undefined }, items, widgets)).toBeNull();
  expect(formFor({ id: 7 }, [item("rows"), item("edit", { drawer: true })], widgets)).toBeNull();
});
