import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { MemoryRouter, Route, Routes } from "react-router";
import { beforeEach, expect, it, vi } from "vitest";
import { render } from "@/lib/render.setup";
import { WidgetHostProvider, type FieldChoices, type WidgetHost } from "../../host";
import { ChoiceField } from "./choice-field";

const people = [
  { value: 1, label: "Ada" },
  { value: 2, label: "Bob" },
  { value: 3, label: "Bobby" },
];
const source = { queryID: "people", valueField: "id", labelField: "name", search: "search", value: "" };
const onChange = vi.fn();

beforeEach(() => {
  onChange.mockReset();
  Element.prototype.scrollIntoView = () => undefined;
});

function Field() {
  const [value, setValue] = useState<unknown>(1);
  return (
    <ChoiceField
      item="form"
      name="owner"
      label="Owner"
      source={source}
      value={value}
      onChange={(next) => {
        onChange(next);
        setValue(next);
      }}
    />
  );
}

/** Shows the field; the returned function lets the server answer the searches. */
function show() {
  const waiting: (() => void)[] = [];
  const host: WidgetHost = {
    variables: {},
    setVariables: null,
    refresh: () => undefined,
    readPage: null,
    choices: (_, { search }) =>
      new Promise<FieldChoices>((resolve) => {
        const found = people.filter(({ label }) => label.toLowerCase().includes(search.toLowerCase()));
        const answer = () => resolve({ choices: found, more: false });
        if (search) waiting.push(answer);
        else answer();
      }),
    act: null,
    change: null,
    building: false,
  };
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MemoryRouter initialEntries={["/t/one"]}>
        <Routes>
          <Route
            path="/t/:tenantID"
            element={
              <WidgetHostProvider value={host}>
                <Field />
              </WidgetHostProvider>
            }
          />
        </Routes>
      </MemoryRouter>
    </QueryClientProvider>,
  );
  return async () => {
    await waitFor(() => expect(waiting).toHaveLength(1));
    for (const answer of waiting) answer();
  };
}

const field = () => screen.getByRole<HTMLInputElement>("combobox", { name: "Owner" });

async function search(text: string) {
  await waitFor(() => expect(field().value).toBe("Ada"));
  field().focus();
  fireEvent.change(field(), { target: { value: text } });
}

const enter = () => fireEvent.keyDown(field(), { key: "Enter", code: "Enter" });

it("highlights the first match when the server has found it, and Enter selects it", async () => {
  const answer = show();
  await search("bo");
  await answer();
  await waitFor(() =>
    expect(document.querySelector("[data-combobox-selected]")?.textContent).toContain("Bob"),
  );
  enter();
  await waitFor(() => expect(onChange.mock.calls).toEqual([[2]]));
  await waitFor(() => expect(field().value).toBe("Bob"));
});

it("waits for the answer if Enter is pressed before: the list is that of an earlier search", async () => {
  const answer = show();
  await search("bo");
  enter();
  expect(onChange).not.toHaveBeenCalled();
  await answer();
  await waitFor(() => expect(onChange.mock.calls).toEqual([[2]]));
});
