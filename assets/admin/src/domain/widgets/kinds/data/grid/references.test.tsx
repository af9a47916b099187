import { MantineThemeProvider } from "@mantine/core";
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { JsonObject } from "@/lib/api/model";
import { render, withSize } from "@/lib/render.setup";
import { replaceText } from "@/ui/input/replace-text";
import { WidgetHostProvider, type WidgetHost } from "../../host";
import { forgetRows } from "./draft/draft-store";
import { GridWidget } from "./grid";

vi.mock("@/lib/api/me", () => ({ useCan: () => () => true }));

const theme = { components: { Select: { defaultProps: replaceText } } };
const people = [
  { value: 1, label: "Ada" },
  { value: 2, label: "Bob" },
  { value: 3, label: "Bob" },
];
const config = {
  key: ["id"],
  adding: true,
  columns: [
    { field: "id", editing: "newRows" },
    { field: "owner", references: { table: "people", key: "id", label: "name" } },
  ],
};
const columns = [
  { name: "id", type: "int8" },
  { name: "owner", type: "int8" },
];
const rows = [
  { id: 1, owner: 1 },
  { id: 2, owner: null },
  { id: 3, owner: 99 },
];

const send = vi.fn<NonNullable<WidgetHost["change"]>>();
const choices = vi.fn<NonNullable<WidgetHost["choices"]>>();

beforeAll(() => {
  withSize(800, 600);
  Element.prototype.scrollIntoView = () => undefined;
  Element.prototype.scrollTo = () => undefined;
});

beforeEach(() => {
  forgetRows();
  send.mockReset().mockResolvedValue({ updated: 1, inserted: 0, deleted: 0, durationMs: 1 });
  choices.mockReset().mockImplementation((_, { search, values, texts }) => {
    const lower = search.toLowerCase();
    const wanted = people.filter(({ value, label }) =>
      values
        ? values.includes(value)
        : texts
          ? texts.some((text) => text === label || text === String(value))
          : label.toLowerCase().includes(lower),
    );
    return Promise.resolve({ choices: wanted, more: false });
  });
});

function show(offered: WidgetHost["choices"] = choices, own: object = config) {
  const host: WidgetHost = {
    variables: {},
    setVariables: null,
    refresh: vi.fn(),
    readPage: null,
    choices: offered,
    act: null,
    change: send,
    building: false,
  };
  const result = { data: rows, columns, rowCount: 3, truncated: false, durationMs: 1, cache: "off" as const };
  return render(
    <QueryClientProvider client={new QueryClient()}>
      <WidgetHostProvider value={host}>
        <MantineThemeProvider theme={theme}>
          <GridWidget config={own as JsonObject} result={result} label="Items" id="grid" />
        </MantineThemeProvider>
      </WidgetHostProvider>
    </QueryClientProvider>,
  );
}

const grid = () => screen.getByRole("grid", { name: "Items" });
const cell = (row: number, column: number) => {
  const cells = within(grid()).getAllByRole("gridcell");
  const found = cells.find(
    ({ dataset }) => dataset["row"] === String(row) && dataset["column"] === String(column),
  );
  if (!found) throw new Error("no cell");
  return found;
};
const select = (row: number, column: number) =>
  fireEvent.pointerDown(cell(row, column), { pointerType: "mouse" });
const paste = (text: string) => fireEvent.paste(grid(), { clipboardData: { getData: () => text } });

describe("a column that refers to rows", () => {
  it("shows their labels, and keys that no row has", async () => {
    show();
    await waitFor(() => expect(cell(0, 1).textContent).toBe("Ada"));
    expect(cell(1, 1).textContent).toBe("NULL");
    expect(cell(2, 1).textContent).toBe("99");
    expect(choices.mock.calls.map(([item, { field, values }]) => [item, field, values])).toEqual([
      ["grid", "owner", [1, 99]],
    ]);
    const setData = vi.fn();
    select(0, 1);
    fireEvent.copy(grid(), { clipboardData: { setData } });
    expect(setData).toHaveBeenCalledWith("text/plain", "Ada");
  });

  it.each(["Enter", "Tab"])("takes the first row that is found, although %s came before it", async (key) => {
    show();
    select(0, 1);
    fireEvent.keyDown(grid(), { key: "F2" });
    const input = within(cell(0, 1)).getByLabelText<HTMLInputElement>("owner", { selector: "input" });
    fireEvent.change(input, { target: { value: "bo" } });
    fireEvent.keyDown(input, { key });
    await waitFor(() => expect(cell(0, 1).textContent).toContain("Bob"));
  });

  it("continues what was typed to open the editor, and replaces the label otherwise", () => {
    show();
    select(0, 1);
    fireEvent.keyDown(grid(), { key: "b" });
    const editor = () => within(cell(0, 1)).getByLabelText<HTMLInputElement>("owner", { selector: "input" });
    expect([editor().value, editor().selectionStart]).toEqual(["b", 1]);
    fireEvent.keyDown(editor(), { key: "Escape" });
    fireEvent.keyDown(grid(), { key: "F2" });
    expect([editor().selectionStart, editor().selectionEnd]).toEqual([0, editor().value.length]);
  });

  it("takes the option that the arrow keys mark", async () => {
    show();
    select(0, 1);
    fireEvent.keyDown(grid(), { key: "F2" });
    const input = within(cell(0, 1)).getByLabelText<HTMLInputElement>("owner", { selector: "input" });
    await screen.findByRole("option", { name: /^Bob ?2$/ });
    // NULL, Ada, Bob.
    for (let count = 0; count < 3; count += 1)
      fireEvent.keyDown(input, { key: "ArrowDown", code: "ArrowDown" });
    fireEvent.keyDown(input, { key: "Enter", code: "Enter" });
    await waitFor(() => expect(cell(0, 1).textContent).toContain("Bob"));
  });

  it("has no null to select where there must be a row", async () => {
    const [key, owner] = config.columns;
    show(choices, { ...config, columns: [key, { ...owner, required: true }] });
    select(0, 1);
    fireEvent.keyDown(grid(), { key: "F2" });
    await screen.findByRole("option", { name: /^Bob ?2$/ });
    expect(screen.queryByRole("option", { name: "NULL" })).toBeNull();
  });

  it("is edited by searching, and saves the key", async () => {
    show();
    select(0, 1);
    fireEvent.keyDown(grid(), { key: "F2" });
    const input = within(cell(0, 1)).getByLabelText<HTMLInputElement>("owner", { selector: "input" });
    fireEvent.change(input, { target: { value: "bo" } });
    // Two rows have this label: their keys tell them apart.
    await screen.findByRole("option", { name: /^Bob ?3$/ });
    await waitFor(() => expect(choices.mock.calls.at(-1)?.[1].search).toBe("bo"));
    fireEvent.click(await screen.findByRole("option", { name: /^Bob ?2$/ }));
    await waitFor(() => expect(cell(0, 1).textContent).toContain("Bob"));
    fireEvent.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(send).toHaveBeenCalledTimes(1));
    expect(send.mock.calls[0]?.[1].changes).toEqual([
      { update: { key: { id: 1 }, before: { owner: 1 }, after: { owner: 2 } } },
    ]);
  });

  it("takes pasted labels and keys, and refuses what no row or several have", async () => {
    show();
    select(0, 1);
    paste("3\nAda\nBob\n");
    await waitFor(() => expect(cell(2, 1).getAttribute("aria-invalid")).toBe("true"));
    expect(cell(0, 1).textContent).toContain("Bob");
    expect(cell(1, 1).textContent).toContain("Ada");
    expect(cell(2, 1).getAttribute("title")).toContain("could mean 2 rows");
    expect(screen.getByRole("button", { name: "Save" }).hasAttribute("disabled")).toBe(true);
    select(2, 1);
    paste("Nobody");
    await waitFor(() =>
      expect(cell(2, 1).getAttribute("title")).toBe("No row has the label or the key “Nobody”."),
    );
    paste("");
    await waitFor(() => expect(cell(2, 1).textContent).toContain("NULL"));
    fireEvent.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(send).toHaveBeenCalledTimes(1));
    expect(send.mock.calls[0]?.[1].changes).toEqual([
      { update: { key: { id: 1 }, before: { owner: 1 }, after: { owner: 3 } } },
      { update: { key: { id: 2 }, before: { owner: null }, after: { owner: 1 } } },
      { update: { key: { id: 3 }, before: { owner: 99 }, after: { owner: null } } },
    ]);
  });

  it("shows keys where rows cannot be looked up", () => {
    show(null);
    expect(cell(0, 1).textContent).toBe("1");
    expect(choices).not.toHaveBeenCalled();
  });
});
