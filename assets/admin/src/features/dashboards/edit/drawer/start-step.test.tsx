import { fireEvent, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import type { DataQuery } from "@/lib/api/model";
import { render } from "@/lib/render.setup";
import { StartStep } from "./start-step";

vi.mock("@/lib/api/me", () => ({ useCan: () => () => true }));
vi.mock("@/lib/api/catalog", () => ({ useWidgetTypes: () => ({ data: [] }) }));
vi.mock("@/lib/api/resources", async (original) => ({
  ...(await original<object>()),
  useList: () => ({
    items: [
      { id: "a", name: "Orders", changesData: false },
      { id: "b", name: "Cancel order", changesData: true },
    ],
    error: null,
  }),
}));

it("refuses saved queries that would change data each time a widget is shown, and says why", () => {
  const onQuery = vi.fn<(query: DataQuery) => void>();
  const nothing = () => undefined;
  render(
    <StartStep
      ownQueries={[]}
      onWrite={nothing}
      onTable={nothing}
      onQuery={onQuery}
      onWidget={nothing}
      onType={nothing}
    />,
  );
  const writer = screen.getByRole<HTMLButtonElement>("button", { name: /Cancel order/ });
  expect(writer.disabled).toBe(true);
  expect(writer.textContent).toContain("use it in a form or a button");
  fireEvent.click(writer);
  expect(onQuery).not.toHaveBeenCalled();
  fireEvent.click(screen.getByRole("button", { name: "Orders" }));
  expect(onQuery).toHaveBeenCalledOnce();
});
