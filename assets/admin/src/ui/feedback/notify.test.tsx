import { screen, waitFor } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { render } from "@/lib/render.setup";
import { notifications } from "./notifications";
import { NotificationCorner, notify } from "./notify";

afterEach(() => notifications.clean());

const alerts = () => screen.queryAllByRole("alert").map(({ textContent }) => textContent);

it("only the last failure of an attempt is shown, and none once it is tried again", async () => {
  render(<NotificationCorner />);
  notify.failed(new Error("no connection"), "Delete", "rows/Delete");
  notify.failed(new Error("busy"), "Import");
  await waitFor(() => expect(alerts()).toEqual(["Delete: no connection", "Import: busy"]));
  notify.failed(new Error("2 orders refer to this row"), "Delete", "rows/Delete");
  await waitFor(() => expect(alerts()).toEqual(["Import: busy", "Delete: 2 orders refer to this row"]));
  notify.retried("rows/Delete");
  notify.done("Delete: Done");
  await waitFor(() => expect(alerts()).toEqual(["Import: busy", "Delete: Done"]));
});
