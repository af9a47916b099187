import { expect, it } from "vitest";
import { searchRecords } from "./search-records";

const people = [
  { name: "Zoe", email: "z@x.org" },
  { name: "", email: "adam@x.org" },
  { name: "Item 10", email: "b" },
  { name: "Item 9", email: "c" },
];

it("searches by name or email, ignoring case", () => {
  expect(searchRecords(people, "ADAM", "").map(({ email }) => email)).toEqual(["adam@x.org"]);
});

it("sorts both ways and orders numbers in names by value", () => {
  expect(searchRecords(people, "item", "name").map(({ name }) => name)).toEqual(["Item 9", "Item 10"]);
  expect(searchRecords(people, "item", "-name").map(({ name }) => name)).toEqual(["Item 10", "Item 9"]);
});

it("does not change its input", () => {
  const given = [...people];
  searchRecords(given, "", "name");
  expect(given).toEqual(people);
});
