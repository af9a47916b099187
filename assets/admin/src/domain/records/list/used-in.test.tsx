import { expect, test } from "vitest";
import { reads, serve, show } from "@/ui/testing";
import { UsedIn } from "./used-in";

test("the rows of a list ask for their uses together", async () => {
  const uses = [
    { id: "w1", items: [{ id: "d1", kind: "dashboard", name: "Sales" }], count: 3 },
    { id: "w2", items: [], count: 0 },
  ];
  const sent = serve({ "GET widgets/uses": () => ({ items: uses }) });
  show(
    <>
      <UsedIn kind="widget" id="w1" />
      <UsedIn kind="widget" id="w2" />
    </>,
  );
  await reads("Sales +2");
  await reads("Not used");
  expect(sent.map(({ path }) => decodeURIComponent(path))).toEqual(["widgets/uses?ids=w1,w2"]);
});
