import { expect, it } from "vitest";
import { find, serve, show, until } from "@/ui/testing";
import { ConditionsEditor, userNames } from "./conditions-editor";

it("suggests the tenant's roles for the role of the user, in the order in which a condition is read", async () => {
  const roles = [
    { id: "r1", name: "Owner" },
    { id: "r2", name: "Warehouse" },
  ];
  serve({ "GET roles": () => ({ items: roles, nextCursor: null, total: 2 }) }, ["role:list"]);
  const value = [{ from: "user", field: "role", operator: "equals", value: "" }];
  show(
    <ConditionsEditor
      label="Show when"
      path="when"
      value={value}
      errors={{}}
      names={{ vars: [], user: userNames }}
      onChange={() => undefined}
    />,
  );
  const input = await find("input", "Value");
  input.focus();
  input.click();
  await until(() => {
    const options = [...document.querySelectorAll("[role=option]")].map(({ textContent }) => textContent);
    expect(options).toEqual(expect.arrayContaining(["Owner", "Warehouse"]));
  });
  const labels = [...document.querySelectorAll("[role=group] input:not([type=hidden])")].map((one) =>
    one.getAttribute("aria-label"),
  );
  expect(labels).toEqual(["What to compare", "Name", "Comparison", "Value"]);
});
