import { screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { render } from "@/lib/render.setup";
import { SharedMark } from "./shared-mark";

let shares: { expiresAt: string | null }[];
vi.mock("@/lib/api/subjects/shares", () => ({ useShares: () => ({ list: { data: shares } }) }));

it("marks a dashboard with a share link that has not expired", () => {
  shares = [{ expiresAt: "2001-01-01T00:00:00Z" }];
  const { unmount } = render(<SharedMark dashboardID="d" />);
  expect(screen.queryByText("Shared")).toBeNull();
  unmount();
  shares = [{ expiresAt: "2001-01-01T00:00:00Z" }, { expiresAt: null }];
  render(<SharedMark dashboardID="d" />);
  expect(screen.getByText("Shared")).toBeTruthy();
});
