import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { MemoryRouter, Route, Routes } from "react-router";
import { expect, it, vi } from "vitest";
import { render } from "@/lib/render.setup";
import { SelectionBar } from "./selection-bar";

const patched = vi.hoisted(() => vi.fn(() => Promise.resolve({})));
vi.mock("@/lib/api/resources", async (original) => ({ ...(await original<object>()), patchOne: patched }));

it("moves the selected widgets of dashboards to the library, each in the version that was listed", async () => {
  const onSelect = vi.fn();
  const records = [
    { id: "a", name: "Sales", version: 3, dashboardID: "d" },
    { id: "b", name: "Shared already", version: 1, dashboardID: null },
    { id: "c", name: "Orders", version: 7, dashboardID: "e" },
  ];
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MemoryRouter initialEntries={["/t/one"]}>
        <Routes>
          <Route
            path="/t/:tenantID"
            element={
              <SelectionBar
                kind="widget"
                noun={["widget", "widgets"]}
                acts={["move", "delete"]}
                records={records}
                onSelect={onSelect}
              />
            }
          />
        </Routes>
      </MemoryRouter>
    </QueryClientProvider>,
  );
  fireEvent.click(screen.getByRole("button", { name: "Move to library" }));
  const dialog = await screen.findByRole("dialog", { name: "Move 2 widgets to the library?" });
  expect(dialog.textContent).not.toContain("Shared already");
  const confirm = screen.getAllByRole("button", { name: "Move to library" }).at(-1);
  if (confirm) fireEvent.click(confirm);
  await waitFor(() => expect(screen.getByText("2 of 2 moved to the library.")).toBeTruthy());
  expect(patched.mock.calls).toEqual([
    ["one", "widget", { id: "a", version: 3, patch: { dashboardID: null } }],
    ["one", "widget", { id: "c", version: 7, patch: { dashboardID: null } }],
  ]);
});
