import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { MemoryRouter, Route, Routes } from "react-router";
import { beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { JsonObject } from "@/lib/api/model";
import { render, withSize } from "@/lib/render.setup";
import { tellSuccess } from "../../actions/successes";
import { WidgetHostProvider, type WidgetHost } from "../../host";
import { TableWidget } from "./table";

vi.mock("@/lib/api/me", () => ({ useCan: () => () => true, useMe: () => ({}), useMembership: () => null }));
const failed = vi.hoisted(() => vi.fn());
vi.mock("@/ui/feedback/notify", () => ({
  notify: { failed, done: vi.fn(), warn: vi.fn(), retried: vi.fn() },
}));
beforeEach(() => failed.mockClear());

beforeAll(() => withSize(800, 400));

const config = {
  rowActions: [
    { label: "Delete", action: { type: "query", queryID: "delete", values: { id: "{{ row.id }}" } } },
  ],
};
const columns = [{ name: "id", type: "integer" }];
const rows = Array.from({ length: 10 }, (_, id) => ({ id }));
const message = "2 orders refer to this row";

/** Shows a table and presses its action, which fails unless `next` says otherwise. */
async function pressed(next = vi.fn(() => Promise.reject(new Error(message)))) {
  const host: WidgetHost = {
    variables: {},
    setVariables: null,
    refresh: () => undefined,
    readPage: null,
    choices: null,
    act: next as never,
    change: null,
    building: false,
  };
  const client = new QueryClient();
  const result = {
    data: rows,
    columns,
    rowCount: 10,
    truncated: false,
    durationMs: 1,
    cache: "off" as const,
  };
  const page = (variables: JsonObject) => (
    <QueryClientProvider client={client}>
      <MemoryRouter initialEntries={["/t/one"]}>
        <Routes>
          <Route
            path="/t/:tenantID"
            element={
              <WidgetHostProvider value={{ ...host, variables }}>
                <TableWidget id="rows" label="Rows" config={config} result={result} />
              </WidgetHostProvider>
            }
          />
        </Routes>
      </MemoryRouter>
    </QueryClientProvider>
  );
  const { rerender, unmount } = render(page({ id: 1 }));
  const press = async () => {
    const [button] = screen.getAllByRole("button", { name: "Delete" });
    await act(async () => {
      if (button) fireEvent.click(button);
      await Promise.resolve();
    });
  };
  await press();
  return { press, unmount, select: (id: number) => act(() => rerender(page({ id }))) };
}

/** Shows a table whose action has failed. */
async function failing(next?: Parameters<typeof pressed>[0]) {
  const shown = await pressed(next);
  await waitFor(() => expect(screen.getByText(message)).toBeTruthy());
  return shown;
}

const isGone = () => waitFor(() => expect(screen.queryByText(message)).toBeNull());

it("shows an error until it is dismissed", async () => {
  const { select } = await failing();
  await select(1);
  expect(screen.getByText(message)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Dismiss" }));
  await isGone();
});

it("shows an error in the table alone", async () => {
  await failing();
  expect(failed).not.toHaveBeenCalled();
});

it("shows an error as a notification if the table has left the page", async () => {
  let reject: (error: Error) => void = () => undefined;
  const { unmount } = await pressed(vi.fn(() => new Promise<never>((_, fail) => (reject = fail))));
  unmount();
  reject(new Error(message));
  await waitFor(() => expect(failed).toHaveBeenCalledWith(new Error(message), "Delete", "rows/Delete"));
});

it("takes an error back when another row is selected", async () => {
  const { select } = await failing();
  await select(2);
  await isGone();
});

it("takes an error back when something else is searched", async () => {
  await failing();
  fireEvent.change(screen.getByRole("textbox"), { target: { value: "7" } });
  await isGone();
});

it("takes an error back when another action succeeds, here or elsewhere", async () => {
  await failing();
  act(() => tellSuccess());
  await isGone();
});

it("replaces an error by the result of the next action", async () => {
  const next = vi.fn(() => Promise.reject(new Error(message)));
  const { press } = await failing(next);
  next.mockImplementation((() =>
    Promise.resolve({
      type: "query",
      rowCount: 0,
      affectedRows: 1,
      rowChange: "deleted",
      durationMs: 1,
    })) as never);
  await press();
  await isGone();
  expect(screen.getByText("1 row deleted.")).toBeTruthy();
});
