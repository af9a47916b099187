import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "@/lib/api/errors";
import type { JsonObject } from "@/lib/api/model";
import { render, withSize } from "@/lib/render.setup";
import { WidgetHostProvider, type WidgetHost } from "../../host";
import { forgetRows } from "./draft/draft-store";
import { GridWidget } from "./grid";

vi.mock("@/lib/api/me", () => ({ useCan: () => () => true }));

const config = {
  key: ["id"],
  adding: true,
  deleting: true,
  columns: [
    { field: "id", editing: "newRows" },
    { field: "name" },
    { field: "count" },
    { field: "done" },
    { field: "due" },
  ],
};
const columns = [
  { name: "id", type: "int8" },
  { name: "name", type: "text" },
  { name: "count", type: "int4" },
  { name: "done", type: "bool" },
  { name: "due", type: "timestamp" },
];
const rows = [
  { id: 1, name: "Lamp", count: 5, done: true, due: "2026-12-02 16:36:32" },
  { id: 2, name: "Chair", count: null, done: false, due: null },
];

const send = vi.fn<NonNullable<WidgetHost["change"]>>();
const refresh = vi.fn();

beforeAll(() => {
  withSize(800, 600);
  Element.prototype.scrollIntoView = () => undefined;
  Element.prototype.scrollTo = () => undefined;
});

beforeEach(() => {
  forgetRows();
  send.mockReset().mockResolvedValue({ updated: 1, inserted: 0, deleted: 0, durationMs: 1 });
  refresh.mockReset();
});

function show({ truncated = false, own = config }: { truncated?: boolean; own?: JsonObject } = {}) {
  const host: WidgetHost = {
    variables: {},
    setVariables: null,
    refresh,
    readPage: null,
    choices: null,
    act: null,
    change: send,
    building: false,
  };
  const result = { data: rows, columns, rowCount: 2, truncated, durationMs: 1, cache: "off" as const };
  return render(
    <QueryClientProvider client={new QueryClient()}>
      <WidgetHostProvider value={host}>
        <GridWidget config={own} result={result} label="Items" id="grid" />
      </WidgetHostProvider>
    </QueryClientProvider>,
  );
}

const grid = () => screen.getByRole("grid", { name: "Items" });
const cells = () => within(grid()).getAllByRole("gridcell");
const cell = (row: number, column: number) => {
  const found = cells().find(
    ({ dataset }) => dataset["row"] === String(row) && dataset["column"] === String(column),
  );
  if (!found) throw new Error("no cell");
  return found;
};
const press = (key: string, more: object = {}) => fireEvent.keyDown(grid(), { key, ...more });
const select = (row: number, column: number) =>
  fireEvent.pointerDown(cell(row, column), { pointerType: "mouse" });
const button = (name: string) => screen.getByRole("button", { name });

function enter(row: number, column: number, text: string) {
  select(row, column);
  press("F2");
  const input = within(cell(row, column)).getByRole("textbox");
  fireEvent.change(input, { target: { value: text } });
  fireEvent.keyDown(input, { key: "Enter" });
}

describe("an editable table", () => {
  it("takes a typed date as it is written, also where typing starts the edit", () => {
    show();
    const type = (first: string, text: string) => {
      select(0, 4);
      press(first);
      const input = within(cell(0, 4)).getByRole<HTMLInputElement>("textbox", { name: "due" });
      expect(input.value).toBe(first);
      fireEvent.change(input, { target: { value: text } });
      fireEvent.keyDown(input, { key: "Enter" });
    };
    type("2", "2026-02-15");
    expect(cell(0, 4).textContent).toContain("2026-02-15 00:00:00");
    type("2", "2026-02-30 10:00");
    expect(cell(0, 4).textContent).toContain("2026-02-30 10:00");
    expect(cell(0, 4).title).toContain("2026-02-30");
    expect(cell(0, 4).getAttribute("aria-invalid")).toBe("true");
  });

  it("says how many rows are there, and whether others are missing", () => {
    show();
    expect(screen.getByText("2 rows")).toBeTruthy();
    show({ truncated: true });
    expect(screen.getByText("First 2 rows")).toBeTruthy();
  });

  it("offers no null for a column that must have a value, and says that it is required", () => {
    const [id, ...others] = config.columns;
    const name = { field: "name", choices: ["Lamp", "Chair"], required: true };
    show({ own: { ...config, columns: [id, name, ...others.slice(1)] } as JsonObject });
    select(0, 1);
    press("F2");
    const input = within(cell(0, 1)).getByRole("combobox");
    expect([...input.querySelectorAll("option")].map(({ textContent }) => textContent)).toEqual([
      "Lamp",
      "Chair",
    ]);
    fireEvent.keyDown(input, { key: "Escape" });
    press("Delete");
    expect(cell(0, 1).textContent).toContain("Required");
  });

  it("lists every invalid cell before saving, and leads to it", () => {
    show();
    enter(0, 2, "many");
    enter(1, 2, "few");
    enter(1, 4, "soon");
    fireEvent.click(button("Review"));
    const list = within(screen.getByRole("dialog", { name: "Review changes" })).getByRole("list");
    const items = within(list).getAllByRole("listitem");
    expect(items.map((item) => within(item).getByRole("button").textContent)).toEqual([
      "Row 1, count",
      "Row 2, count",
      "Row 2, due",
    ]);
    expect(items[2]?.textContent).toContain("Enter a date and time");
    expect(send, "the database would name the first one").not.toHaveBeenCalled();
    fireEvent.click(button("Row 2, due"));
    expect(cell(1, 4).getAttribute("aria-selected")).toBe("true");
    expect(document.activeElement).toBe(grid());
  });

  it("collects changes and saves them together", async () => {
    show();
    enter(0, 1, "Torch");
    enter(1, 2, "9007199254740993");
    select(1, 3);
    press(" ");
    expect(screen.getByRole("status").textContent).toBe("2 changed");
    expect(screen.getByLabelText("Row 1: changed")).toBeTruthy();
    fireEvent.click(button("Save"));
    await waitFor(() => expect(send).toHaveBeenCalledTimes(1));
    expect(send.mock.calls[0]).toEqual([
      "grid",
      {
        changes: [
          { update: { key: { id: 1 }, before: { name: "Lamp" }, after: { name: "Torch" } } },
          {
            update: {
              key: { id: 2 },
              before: { count: null, done: false },
              after: { count: "9007199254740993", done: true },
            },
          },
        ],
        preview: false,
      },
    ]);
    await waitFor(() => expect(screen.getByRole("status").textContent).toBe(""));
    expect(refresh).toHaveBeenCalled();
  });

  it("is used with the keyboard alone", () => {
    show();
    select(0, 0);
    press("ArrowRight");
    press("x");
    const input = within(cell(0, 1)).getByRole<HTMLInputElement>("textbox");
    expect(input.value).toBe("x");
    fireEvent.keyDown(input, { key: "Escape" });
    expect(cell(0, 1).textContent).toContain("Lamp");
    press("Delete");
    expect(cell(0, 1).textContent).toContain("NULL");
    press("z", { ctrlKey: true });
    expect(cell(0, 1).textContent).toContain("Lamp");
    press("F2");
    fireEvent.keyDown(within(cell(0, 1)).getByRole("textbox"), { key: "Tab" });
    press("7");
    fireEvent.keyDown(within(cell(0, 2)).getByRole("textbox"), { key: "Enter" });
    expect(cell(0, 2).textContent).toContain("7");
    select(0, 0);
    press("5");
    expect(within(cell(0, 0)).queryByRole("textbox")).toBeNull();
  });

  it("pastes from a spreadsheet and copies for one", () => {
    show();
    select(1, 1);
    fireEvent.paste(grid(), { clipboardData: { getData: () => "Desk\t7\nBox\t8\n" } });
    expect(screen.getByRole("status").textContent).toBe("1 changed · 1 added");
    expect(cell(2, 1).textContent).toBe("Box");
    expect(cell(2, 0).textContent).toBe("Default");
    const setData = vi.fn();
    fireEvent.copy(grid(), { clipboardData: { setData } });
    expect(setData).toHaveBeenCalledWith("text/plain", "Desk\t7\nBox\t8");
  });

  it("does not save a value of the wrong type", () => {
    show();
    enter(0, 2, "abc");
    expect(cell(0, 2).getAttribute("aria-invalid")).toBe("true");
    expect(button("Save").hasAttribute("disabled")).toBe(true);
  });

  it("loses nothing when saving fails, and shows the refused cell", async () => {
    show();
    enter(0, 1, "Chair");
    send.mockRejectedValueOnce(
      new ApiError(400, "INVALID_REQUEST", "taken", [
        { path: "changes[0].update.after.name", message: "the name is taken" },
      ]),
    );
    fireEvent.click(button("Save"));
    await screen.findByText("the name is taken", { selector: "span" });
    expect(cell(0, 1).getAttribute("title")).toBe("the name is taken");
    expect(screen.getByRole("status").textContent).toBe("1 changed");
  });

  it("lets people decide about rows that others changed", async () => {
    show();
    enter(0, 1, "Torch");
    const conflict = new ApiError(409, "CONFLICT", "changed");
    conflict.conflicts = [
      {
        change: 0,
        key: { id: 1 },
        current: { id: 1, name: "Theirs", count: 5, done: true, due: "2026-12-02 16:36:32" },
        fields: ["name"],
      },
    ];
    send.mockRejectedValueOnce(conflict);
    fireEvent.click(button("Save"));
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByText("Theirs", { selector: "td" })).toBeTruthy();
    expect(within(dialog).getByText("Torch")).toBeTruthy();
    fireEvent.click(within(dialog).getByRole("button", { name: "Keep mine" }));
    await act(async () => fireEvent.click(button("Save")));
    expect(send.mock.calls[1]?.[1].changes).toEqual([
      { update: { key: { id: 1 }, before: { name: "Theirs" }, after: { name: "Torch" } } },
    ]);
  });

  it("shows the values before and after, and what the database says", async () => {
    show();
    enter(0, 1, "Torch");
    select(1, 0);
    fireEvent.click(button("Delete selected rows"));
    fireEvent.click(button("Review"));
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByText("Lamp").tagName).toBe("DEL");
    expect(within(dialog).getByText("Torch")).toBeTruthy();
    await within(dialog).findByText(/The database accepts these changes/);
    expect(send.mock.calls[0]?.[1].preview).toBe(true);
  });
});
