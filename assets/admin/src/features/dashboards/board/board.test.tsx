import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { beforeEach, expect, it, vi } from "vitest";
import type { DashboardAsk, Widget } from "@/lib/api/model";
import type { streamEvents } from "@/lib/http/sse";
import { render } from "@/lib/render.setup";
import { Board, useBoard, type Drawn } from "./board";

const ITEMS = Array.from({ length: 30 }, (_, index) => `item${index}`);
/** These show data that depends on the variable, this one has a placeholder for it. */
const DEPENDENT = ["item0", "item1", "item2"];
const MENTIONING = "item3";

let drawn: Record<string, number>;
let requests = 0;

vi.mock("@mantine/hooks", async (original) => ({
  ...(await original<object>()),
  useElementSize: () => ({ ref: () => undefined, width: 1200, height: 800 }),
}));
vi.mock("@/domain/widgets/kinds/data/number", () => ({
  NumberWidget: ({ label }: { label: string }) => {
    drawn[label] = (drawn[label] ?? 0) + 1;
    return <p>{label}</p>;
  },
}));
vi.mock("@/lib/http/sse", () => ({
  streamEvents: async (_: string, { body, onEvent }: Parameters<typeof streamEvents>[1]) => {
    const { country } = (body as DashboardAsk).variables as { country?: string };
    requests += 1;
    await Promise.resolve();
    for (const key of ITEMS) {
      const n = DEPENDENT.includes(key) ? `${country} 9007199254740993` : 1;
      const result = { data: [{ n }], columns: [], rowCount: 1, truncated: false, durationMs: requests };
      onEvent({ event: "item", data: JSON.stringify({ key, result }), id: "" } as never);
    }
  },
}));

const dashboard: Drawn = {
  version: 1,
  tabs: [],
  refreshSeconds: 0,
  timeZone: null,
  layouts: {},
  variables: [{ name: "country", type: "text", default: "DE", options: [] }],
  items: ITEMS.map((key) => ({ key, widgetID: key })),
  widgets: ITEMS.map((id) => {
    const config = id === MENTIONING ? { markdown: "Sales in {{ vars.country }}" } : { field: "n" };
    return { id, name: id, type: id === MENTIONING ? "text" : "number", config } as unknown as Widget;
  }),
};
const source = { path: "/data" };

function Page() {
  const board = useBoard(dashboard, source);
  return (
    <>
      <Board board={board} menu={menu} empty={null} />
      <button onClick={board.data.refresh}>refresh</button>
      <button onClick={() => board.host.setVariables?.({ country: "FR" })}>FR</button>
      <output>{board.data.loading ? "loading" : `loaded ${requests}`}</output>
    </>
  );
}
const menu = () => null;

beforeEach(() => {
  drawn = {};
  requests = 0;
});

/** Each item is drawn in its own task. */
const PATIENCE = { timeout: 20_000 };

const press = async (name: string, loaded: string) => {
  await act(async () => {
    fireEvent.click(screen.getByText(name));
    await Promise.resolve();
  });
  await waitFor(() => screen.getByText(loaded), PATIENCE);
};

it("draws only the widgets again whose data or variable changed", async () => {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MemoryRouter>
        <Page />
      </MemoryRouter>
    </QueryClientProvider>,
  );
  await waitFor(() => screen.getByText("loaded 1"), PATIENCE);
  await waitFor(() => screen.getByText("Sales in DE"));
  await waitFor(() => expect(Object.keys(drawn)).toHaveLength(ITEMS.length - 1));
  drawn = {};

  await press("refresh", "loaded 2");
  expect(drawn).toEqual({});

  await press("FR", "loaded 3");
  await waitFor(() => screen.getByText("Sales in FR"));
  expect(drawn).toEqual(Object.fromEntries(DEPENDENT.map((key) => [key, 1])));
}, 60_000);
