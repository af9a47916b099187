import { screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { render } from "@/lib/render.setup";
import { LockedFilters } from "./locked-filters";

it("readers see the filters that they cannot change", () => {
  const variables = [
    { name: "region", type: "text" as const, label: "Region" },
    { name: "period", type: "dateRange" as const },
  ];
  const values = { region: "North", period: "last-30-days" };
  render(<LockedFilters variables={variables} values={values} zone={undefined} />);
  const list = screen.getByRole("list", { name: "Locked filters" });
  expect(
    within(list)
      .getAllByRole("listitem")
      .map((item) => item.textContent),
  ).toEqual(["Region: North", "Period: Last 30 days"]);
  expect(within(list).queryByRole("button")).toBeNull();
});
