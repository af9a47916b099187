import { act, fireEvent, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { expect, it, vi } from "vitest";
import { render } from "@/lib/render.setup";
import { QueryField } from "./query-fields";

const { told } = vi.hoisted(() => ({ told: new Set<(id: string) => void>() }));

vi.mock("@/lib/api/me", () => ({ useCan: () => () => true }));
vi.mock("@/lib/tenant", () => ({
  useTenantID: () => "t",
  useTenantLink:
    () =>
    (...parts: string[]) =>
      `/t/t/${parts.join("/")}`,
}));
vi.mock("@/lib/api/changes", () => ({
  followMade: (_tenantID: string, _kind: string, onMade: (id: string) => void) => {
    told.add(onMade);
    return () => told.delete(onMade);
  },
}));
vi.mock("@/domain/schema-form/record-fields", () => ({ RecordField: () => null }));

it("offers a new query, selects the one that is saved in the other tab, and says which are listed", () => {
  const onChange = vi.fn<(value: unknown) => void>();
  render(
    <MemoryRouter>
      {/* The test environment would load the page of the link. */}
      <div onClick={(event) => event.preventDefault()}>
        <QueryField
          name="queryID"
          path="config.queryID"
          label="Query"
          schema={{}}
          required
          nullable={false}
          value=""
          onChange={onChange}
        />
      </div>
    </MemoryRouter>,
  );
  expect(screen.getByText(/Move a dashboard’s query there/)).toBeTruthy();
  const link = screen.getByRole("link", { name: "New query" });
  expect(link.getAttribute("href")).toBe("/t/t/data-queries/new");
  expect(link.getAttribute("target")).toBe("_blank");
  // Queries that are created without being asked for here are not selected.
  expect(told.size).toBe(0);
  fireEvent.click(link);
  act(() => told.forEach((tell) => tell("made")));
  expect(onChange).toHaveBeenCalledExactlyOnceWith("made");
  expect(told.size).toBe(0);
});
