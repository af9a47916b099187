import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { screen } from "@testing-library/react";
import { MemoryRouter, Route, Routes } from "react-router";
import { beforeEach, expect, it, vi } from "vitest";
import { render } from "@/lib/render.setup";
import { remember } from "@/lib/visits";
import { RecentItems } from "./recent-items";
import { RecentWork } from "./recent-work";

const asked = vi.hoisted(() => vi.fn());
vi.mock("@/lib/api/me", () => ({
  useCan: () => () => true,
  useMe: () => ({ data: { user: { id: "ada" } } }),
}));
vi.mock("@/lib/api/resources", async (original) => ({
  ...(await original<object>()),
  useList: (kind: string, params: { dashboardID?: string }) => {
    asked(kind, params.dashboardID);
    const updatedAt = "2026-01-01T00:00:00Z";
    const record = (name: string, dashboardID: string | null) => ({
      id: `${kind} ${name}`,
      name,
      dashboardID,
      updatedAt,
    });
    const all = [record(`${kind} of the library`, null), record(`${kind} of an app`, "d")];
    return { items: params.dashboardID === "none" ? all.slice(0, 1) : all, isLoading: false, error: null };
  },
}));

const show = (part: React.ReactNode) =>
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MemoryRouter initialEntries={["/t/one"]}>
        <Routes>
          <Route path="/t/:tenantID" element={part} />
        </Routes>
      </MemoryRouter>
    </QueryClientProvider>,
  );

beforeEach(() => asked.mockReset());

it("lists widgets and queries of the library, not those that belong to a dashboard", () => {
  show(<RecentItems />);
  expect(screen.getByText("widget of the library")).toBeTruthy();
  expect(screen.queryByText("widget of an app")).toBeNull();
  expect(screen.queryByText("dataquery of an app")).toBeNull();
  expect(asked).toHaveBeenCalledWith("dashboard", undefined);
});

it("lists what was opened, without the parts of dashboards", () => {
  const place = { userID: "ada", tenantID: "one" };
  remember(place, { kind: "widget", id: "a", name: "Orders: rows", isPart: true });
  remember(place, { kind: "dashboard", id: "b", name: "Orders", isPart: false });
  show(<RecentWork />);
  expect(screen.getByText("Orders")).toBeTruthy();
  expect(screen.queryByText("Orders: rows")).toBeNull();
});
