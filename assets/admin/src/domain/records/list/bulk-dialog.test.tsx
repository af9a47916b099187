import { it } from "vitest";
import { failed, find, press, reads, serve, show } from "@/ui/testing";
import { BulkDialog } from "./bulk-dialog";

it("shows everything that uses a record before that is deleted with it", async () => {
  serve({
    "GET files/f1/uses": () => ({
      items: [
        { id: "d1", kind: "datasource", name: "Orders" },
        { id: "w1", kind: "widget", name: "Orders by month" },
      ],
      more: [],
    }),
    "DELETE files/f1": () => failed(409, "CONFLICT", 'it is used by the datasource "Orders"'),
  });
  show(
    <BulkDialog
      act="delete"
      kind="file"
      noun={["file", "files"]}
      records={[{ id: "f1", name: "orders.csv" }]}
      onClose={() => undefined}
    />,
  );
  await press("Delete");
  await find("a", "Orders");
  await find("a", "Orders by month");
  await reads("Also delete everything that uses it");
});
