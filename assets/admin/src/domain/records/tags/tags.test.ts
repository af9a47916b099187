import { expect, it } from "vitest";
import { retagged, sharedTags } from "./tags";

it("changes only the tags that several records share", () => {
  const [one, other] = [{ tags: ["eu", "sales"] }, { tags: ["sales", "old"] }];
  expect(sharedTags([one, other])).toEqual(["sales"]);
  expect(sharedTags([one, {}])).toEqual([]);
  expect(retagged(one, ["sales"], ["new"])).toEqual(["eu", "new"]);
  expect(retagged(other, ["sales"], ["sales", "old"])).toEqual(["sales", "old"]);
  expect(retagged({}, [], ["a"])).toEqual(["a"]);
});
