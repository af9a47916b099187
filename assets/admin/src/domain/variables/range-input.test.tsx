import { fireEvent, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { render } from "@/lib/render.setup";
import { RangeInput } from "./range-input";

function opened(value: unknown, more: Partial<React.ComponentProps<typeof RangeInput>> = {}) {
  const onChange = vi.fn();
  render(<RangeInput label="Time" value={value} times zone="Europe/Berlin" onChange={onChange} {...more} />);
  fireEvent.click(screen.getByRole("button", { name: /^Time: / }));
  return onChange;
}

it("offers minutes and hours", () => {
  const onChange = opened("last-15-minutes");
  expect(screen.getByRole("button", { name: "Time: Last 15 minutes" })).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Last 6 hours", hidden: true }));
  expect(onChange).toHaveBeenCalledWith("last-6-hours");
});

it("takes two times as a clock in the time zone shows them, in any order", () => {
  const onChange = opened({ from: "2026-07-01T06:30:00Z", to: "2026-07-01T08:30:00Z" });
  expect(screen.getByLabelText<HTMLInputElement>("From").value).toBe("2026-07-01T08:30");
  expect(screen.getByText("Time zone: Europe/Berlin")).toBeTruthy();
  fireEvent.change(screen.getByLabelText("From"), { target: { value: "2026-07-01T12:00" } });
  fireEvent.submit(screen.getByRole("form", { name: "Custom range", hidden: true }));
  expect(onChange).toHaveBeenCalledWith({
    from: "2026-07-01T08:30:00.000Z",
    to: "2026-07-01T10:00:00.000Z",
  });
});

it("knows only days without times", () => {
  opened("last-30-days", { times: false });
  expect(screen.queryByRole("button", { name: "Last 6 hours", hidden: true })).toBeNull();
  expect(screen.getByLabelText<HTMLInputElement>("Start date").type).toBe("date");
});
