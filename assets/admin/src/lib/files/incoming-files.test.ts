import { expect, test } from "vitest";
import { incomingFiles } from "./incoming-files";

test("files are read with their token until they are forgotten", () => {
  const files = [new File(["a"], "a.csv")];
  const token = incomingFiles.give({ files });
  expect(incomingFiles.read(token).files).toBe(files);
  expect(incomingFiles.read(token).files).toBe(files);
  expect(incomingFiles.read(null).files).toEqual([]);
  const next = incomingFiles.give({ files: [] });
  incomingFiles.forget(token);
  expect(incomingFiles.read(token).files).toEqual([]);
  incomingFiles.forget(next);
  expect(incomingFiles.read(next).files).toEqual([]);
});
