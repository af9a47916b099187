import { expect, it } from "vitest";
import { divided } from "./short-help";

it("shows the first sentence of a long help", () => {
  const text =
    "Any JSON for a JSON body, an object for a form. In a multipart body, each field is a value or a file.";
  expect(divided(text)).toEqual([
    "Any JSON for a JSON body, an object for a form.",
    "In a multipart body, each field is a value or a file.",
  ]);
});

it("keeps a short help, and one that is a single sentence, whole", () => {
  expect(divided("Short. Really.")).toEqual(["Short. Really.", ""]);
  const single = "a".repeat(200);
  expect(divided(single)).toEqual([single, ""]);
});

it("does not divide code", () => {
  const text = `Use \`{{ a. B }}\` for the first value of the list, which is what most people want here. Else the last.`;
  expect(divided(text)[0]).toBe(
    "Use `{{ a. B }}` for the first value of the list, which is what most people want here.",
  );
});
