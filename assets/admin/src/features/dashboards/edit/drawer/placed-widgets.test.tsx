import { fireEvent, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { DestinationField } from "@/domain/widgets/form/actions/destination-fields";
import { PlacedWidgets } from "@/domain/widgets/form/placed-widgets";
import type { DashboardItem, Widget, WidgetType } from "@/lib/api/model";
import { render } from "@/lib/render.setup";
import { placedWidgets } from "./placed-widgets";

const widgets = new Map(
  [
    ["a", "form"],
    ["b", "form"],
    ["c", "form"],
    ["d", "form"],
    ["e", "button"],
  ].map(([id = "", type]) => [id, { id, name: `Widget ${id}`, type } as unknown as Widget]),
);
const items: DashboardItem[] = [
  { key: "1", widgetID: "a", title: "Edit row" },
  { key: "2", widgetID: "b", title: "Edit row" },
  { key: "3", widgetID: "c" },
  { key: "4", widgetID: "c" },
  { key: "5", widgetID: "d", title: "New row" },
  { key: "6", widgetID: "e", title: "New row" },
];
const types: Pick<WidgetType, "type" | "name">[] = [
  { type: "form", name: "Form" },
  { type: "button", name: "Button" },
];

it("an action opens the widgets of its dashboard, by the titles that they have there", async () => {
  const onChange = vi.fn();
  render(
    <PlacedWidgets.Provider value={placedWidgets(items, widgets, types)}>
      <DestinationField
        name="opens"
        nullable
        path="config.opens"
        label="Opens"
        schema={{}}
        required={false}
        value={{ type: "widget", widgetID: "elsewhere" }}
        onChange={onChange}
        placeholders={[]}
      />
    </PlacedWidgets.Provider>,
  );
  fireEvent.click(screen.getByRole("combobox", { name: "Widget to open: Opens" }));
  const options = await screen.findAllByRole("option", { hidden: true });
  expect(
    options.map((option) => option.textContent).filter((text) => /row|Widget c|not on/.test(text)),
  ).toEqual([
    "Edit rowWidget a",
    "Edit rowWidget b",
    "Widget c",
    "New rowForm",
    "New rowButton",
    "A widget that is not on this dashboard",
  ]);
});
