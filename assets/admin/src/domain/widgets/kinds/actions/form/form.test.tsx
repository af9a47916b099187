import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import { MemoryRouter, Route, Routes } from "react-router";
import { afterEach, expect, it, vi } from "vitest";
import type { DashboardActionResult, JsonObject } from "@/lib/api/model";
import type { Row } from "@/lib/rows/cells";
import { render } from "@/lib/render.setup";
import { WidgetHostProvider, type WidgetHost } from "../../host";
import { FormWidget } from "./form";
import { forgetForms, hasUnsentForms } from "./form-drafts";

vi.mock("@/lib/api/me", () => ({
  useCan: () => () => true,
  useMe: () => ({ data: undefined }),
  useMembership: () => undefined,
}));

afterEach(() => forgetForms());

const CHOICES = [
  { value: 1, label: "Ada" },
  { value: 2, label: "Bob" },
];
const config = {
  queryID: "query",
  needsRow: true,
  noRow: "Select a row first.",
  submit: "Save",
  done: "Row saved.",
  fields: [
    { name: "title", type: "text", emptyText: true },
    { name: "note", type: "text" },
    { name: "owner", type: "select", choices: { queryID: "people", valueField: "value", search: "search" } },
    { name: "maybe", type: "optionalBoolean" },
  ],
  action: {
    type: "query",
    queryID: "update",
    values: { title: "{{ form.title }}", key: "{{ row.id }}" },
  },
};

const changed = (affectedRows: number): DashboardActionResult => ({
  type: "query",
  rowCount: 0,
  affectedRows,
  durationMs: 1,
});

interface Shown {
  row: Row | null;
  /** The selected row. */
  id?: number;
  isStale?: boolean;
}

/** The form for the row with this ID, as apps have it: what it was read with finds it and tells its version. */
const versioned = {
  ...config,
  parameters: { id: "{{ vars.id }}" },
  action: {
    ...config.action,
    values: { key: "{{ row.id }}", title: "{{ form.title }}", version: "{{ row.version }}" },
  },
};

function show(
  answer: NonNullable<WidgetHost["act"]>,
  own: JsonObject = config,
  first: Shown = { row: { id: 1, title: "One", note: "", owner: 2, maybe: null } },
) {
  const host: WidgetHost = {
    variables: {},
    setVariables: null,
    refresh: () => undefined,
    readPage: null,
    choices: async () => ({ choices: CHOICES, more: false }),
    act: answer,
    change: null,
    building: false,
  };
  const client = new QueryClient();
  const page = ({ row, id, isStale = false }: Shown) => (
    <QueryClientProvider client={client}>
      <MemoryRouter initialEntries={["/t/one"]}>
        <Routes>
          <Route
            path="/t/:tenantID"
            element={
              <WidgetHostProvider value={{ ...host, variables: id === undefined ? {} : { id } }}>
                <FormWidget
                  id="edit"
                  label="Edit"
                  config={own}
                  isStale={isStale}
                  result={{
                    data: row ? [row] : [],
                    columns: null,
                    rowCount: row ? 1 : 0,
                    truncated: false,
                    durationMs: 1,
                    cache: "off",
                  }}
                />
              </WidgetHostProvider>
            }
          />
        </Routes>
      </MemoryRouter>
    </QueryClientProvider>
  );
  const { rerender } = render(page(first));
  return {
    select: (row: Row | null) => rerender(page({ row })),
    draw: (next: Shown) => rerender(page(next)),
  };
}

const title = () => screen.getByRole<HTMLInputElement>("textbox", { name: "Title" });
const enter = (text: string) => fireEvent.change(title(), { target: { value: text } });
const save = async () => {
  await act(async () => {
    fireEvent.click(screen.getByRole("button", { name: "Save" }));
    await Promise.resolve();
  });
};

it("tells choices with the same label apart by their keys", async () => {
  CHOICES.push({ value: 7, label: "Bob" });
  show(async () => changed(1));
  fireEvent.click(screen.getByRole("combobox", { name: "Owner" }));
  await waitFor(() =>
    expect(
      screen
        .getAllByRole("option", { hidden: true })
        .map((option) => option.textContent)
        .filter((text) => /^(Ada|Bob)/.test(text ?? "")),
    ).toEqual(["Ada", "Bob2", "Bob7"]),
  );
  CHOICES.pop();
});

it("shows a text instead of its fields without a row", () => {
  const { select } = show(async () => changed(1));
  select(null);
  expect(screen.getByText("Select a row first.")).toBeTruthy();
  expect(screen.queryByRole("textbox")).toBeNull();
});

it("does not show what was entered for another row, and keeps it for its own", async () => {
  const one = { id: 1, title: "One", note: "", owner: 2, maybe: null, version: "a" };
  const two = { id: 2, title: "Two", note: null, owner: null, maybe: null, version: "x" };
  const { draw } = show(async () => changed(1), versioned, { row: one, id: 1 });
  enter("Changed");
  draw({ row: one, id: 2, isStale: true });
  expect(title().disabled).toBe(true);
  expect(screen.getByText("Loading the row…")).toBeTruthy();
  fireEvent.submit(screen.getByRole("form"));
  draw({ row: two, id: 2 });
  expect(title().value).toBe("Two");
  expect(title().disabled).toBe(false);
  draw({ row: one, id: 1 });
  expect(title().value).toBe("Changed");
});

it("stays with the row that something was entered for if its query finds another one", async () => {
  const sent = vi.fn(async () => changed(1));
  const { select } = show(sent);
  enter("Changed");
  // The same row with other values, as after a refresh: the input stays.
  select({ id: 1, title: "Uno", note: "", owner: 2, maybe: null });
  expect(title().value).toBe("Changed");
  select({ id: 2, title: "Two", note: "2", owner: null, maybe: null });
  expect(title().value).toBe("Changed");
  expect(screen.getByText(/belongs to the row before/)).toBeTruthy();
  await save();
  expect(sent).toHaveBeenCalledWith("edit", {
    action: "config.action",
    row: { id: 1, title: "One", note: "", owner: 2, maybe: null },
    form: { title: "Changed", note: "", owner: 2, maybe: null },
  });
  expect(title().value).toBe("Two");
});

it("keeps the input when someone else has changed the row, and lets the person choose", async () => {
  const sent = vi.fn<NonNullable<WidgetHost["act"]>>(async () => changed(0));
  const row = { id: 1, title: "One", note: "", owner: 2, maybe: null, version: 1 };
  const { draw } = show(sent, versioned, { row, id: 1 });
  enter("Mine");
  fireEvent.change(screen.getByRole("textbox", { name: "Note" }), { target: { value: "My note" } });
  await save();
  await waitFor(() => expect(screen.getByText(/No rows changed/)).toBeTruthy());
  const theirs = { ...row, title: "Theirs", note: "Their note", maybe: true, version: 2 };
  draw({ row: theirs, id: 1 });
  const panel = screen.getByRole("region", { name: "Changed by someone else" });
  expect([...panel.querySelectorAll("tbody tr")].map((line) => line.textContent)).toEqual([
    "TitleTheirsMineUse theirs",
    "NoteTheir noteMy noteUse theirs",
  ]);
  expect(title().value).toBe("Mine");
  // Enter does not overwrite what nobody has looked at.
  fireEvent.submit(screen.getByRole("form"));
  expect(sent).toHaveBeenCalledTimes(1);

  fireEvent.click(screen.getByRole("button", { name: "Use theirs for Note" }));
  expect(screen.getByRole<HTMLInputElement>("textbox", { name: "Note" }).value).toBe("Their note");
  sent.mockResolvedValueOnce(changed(1));
  await act(async () => {
    fireEvent.click(screen.getByRole("button", { name: "Overwrite with mine" }));
    await Promise.resolve();
  });
  expect(sent).toHaveBeenLastCalledWith("edit", {
    action: "config.action",
    row: theirs,
    form: { title: "Mine", note: "Their note", owner: 2, maybe: true },
  });
  draw({ row: { ...theirs, title: "Mine", version: 3 }, id: 1 });
  expect(screen.queryByRole("region")).toBeNull();
  expect(screen.getByText("Row saved.")).toBeTruthy();
  expect(hasUnsentForms()).toBe(false);
});

it("takes over what someone else has changed in other fields", async () => {
  const sent = vi.fn(async () => changed(1));
  const row = { id: 1, title: "One", note: "", owner: 2, maybe: null, version: 1 };
  const { draw } = show(sent, versioned, { row, id: 1 });
  enter("Mine");
  draw({ row: { ...row, note: "Their note", version: 2 }, id: 1 });
  expect(screen.getByText(/Someone else changed these fields: Note/)).toBeTruthy();
  await save();
  expect(sent).toHaveBeenCalledWith(
    "edit",
    expect.objectContaining({ form: { title: "Mine", note: "Their note", owner: 2, maybe: null } }),
  );
});

it("keeps the input of a row that was deleted until it is discarded", () => {
  const row = { id: 1, title: "One", note: "", owner: 2, maybe: null, version: 1 };
  const { draw } = show(async () => changed(1), versioned, { row, id: 1 });
  enter("Mine");
  draw({ row: null, id: 1 });
  expect(title().value).toBe("Mine");
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Save" }).disabled).toBe(true);
  fireEvent.click(screen.getByRole("button", { name: "Discard" }));
  expect(screen.getByText("Select a row first.")).toBeTruthy();
});

it("has nothing to lose once its values have opened something", async () => {
  const to = { type: "url", url: "/search?q={{ form.title }}" };
  show(async () => changed(1), { ...config, action: { type: "open", to } });
  enter("Changed");
  await save();
  expect(hasUnsentForms()).toBe(false);
  expect(title().value).toBe("Changed");
});

it("has nothing to lose when a value is as it was before", () => {
  show(async () => changed(1));
  enter("Changed");
  expect(hasUnsentForms()).toBe(true);
  enter("One");
  expect(hasUnsentForms()).toBe(false);
});

it("sends empty texts, nulls and the row that was read", async () => {
  const sent = vi.fn(async () => changed(1));
  show(sent);
  enter("");
  await save();
  const row = { id: 1, title: "One", note: "", owner: 2, maybe: null };
  expect(sent).toHaveBeenCalledWith("edit", {
    action: "config.action",
    row,
    form: { title: "", note: "", owner: 2, maybe: null },
  });
  await waitFor(() => expect(screen.getByText("Row saved.")).toBeTruthy());
  expect(title().value).toBe("One");
});

it("rejects a cleared text in a required field, but accepts one that the row has", async () => {
  const sent = vi.fn(async () => changed(1));
  const fields = config.fields.map((field) =>
    field.type === "text" ? { ...field, required: true, emptyText: true } : field,
  );
  show(sent, { ...config, fields });
  enter("");
  await save();
  expect(screen.getByText("This field is required.")).toBeTruthy();
  expect(sent).not.toHaveBeenCalled();
  enter("Two");
  await save();
  expect(sent).toHaveBeenCalledWith(
    "edit",
    expect.objectContaining({ form: expect.objectContaining({ title: "Two", note: "" }) }),
  );
});

it("keeps the input after a failure and if no row changed", async () => {
  const answers = [Promise.reject(new Error("broken")), Promise.resolve(changed(0))];
  show(() => answers.shift() ?? Promise.resolve(changed(1)));
  enter("Changed");
  await save();
  await waitFor(() => expect(screen.getByText(/broken/)).toBeTruthy());
  expect(title().value).toBe("Changed");
  await save();
  await waitFor(() => expect(screen.getByText(/No rows changed/)).toBeTruthy());
  expect(title().value).toBe("Changed");
});

it("selects from choices that the server searches", async () => {
  show(async () => changed(1));
  const owner = () => screen.getByRole<HTMLInputElement>("combobox", { name: "Owner" });
  await waitFor(() => expect(owner().value).toBe("Bob"));
});
