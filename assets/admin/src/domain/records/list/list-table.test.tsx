import { act, fireEvent } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { findButton, press, serve, show, until } from "@/ui/testing";
import { ListTable } from "./list-table";

const widget = { id: "w1", name: "Sales", version: 1 } as never;

function showList() {
  const sent = serve({ "PATCH widgets/w1": () => ({ id: "w1", name: "Revenue", version: 2 }) });
  show(
    <ListTable
      kind="widget"
      noun={["widget", "widgets"]}
      columns={[{ label: "Name", render: ({ name }) => name }]}
      items={[widget]}
      sort=""
      onSort={() => undefined}
      to={() => "/t/t1/here"}
      actions={() => []}
    />,
  );
  return sent;
}

const input = () => document.querySelector<HTMLInputElement>("tbody input");

it("renames a record through its menu: the closing menu leaves the focus in the input", async () => {
  const sent = showList();
  const actions = await findButton("Actions");
  actions.focus();
  await press("Actions");
  const rename = await findButton("Rename");
  vi.useFakeTimers();
  rename.click();
  // The menu closes, and would take the focus.
  await act(() => vi.advanceTimersByTimeAsync(1000));
  vi.useRealTimers();
  await until(() => expect(document.activeElement).toBe(input()));
  const field = input();
  if (!field) throw new Error("no input");
  fireEvent.change(field, { target: { value: "Revenue" } });
  fireEvent.keyDown(field, { key: "Enter" });
  await until(() =>
    expect(sent.filter(({ method }) => method === "PATCH")[0]?.body).toEqual({ name: "Revenue" }),
  );
});

it("gives the focus back to the button of a menu that closes without an action", async () => {
  showList();
  const actions = await findButton("Actions");
  actions.focus();
  await press("Actions");
  const rename = await findButton("Rename");
  rename.focus();
  fireEvent.keyDown(rename, { key: "Escape" });
  await until(() => expect(document.activeElement).toBe(actions));
});
