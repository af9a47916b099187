import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { session } from "@/lib/session/session";
import { saveAnswer } from "./download";

const saved: { name: string; blob: Blob }[] = [];
const progress = () => ({ fileName: "rows.csv", onBytes: vi.fn(), signal: new AbortController().signal });
const answer = (...parts: (string | Error)[]) =>
  new Response(
    new ReadableStream({
      pull(stream) {
        const part = parts.shift();
        if (part instanceof Error) stream.error(part);
        else if (part === undefined) stream.close();
        else stream.enqueue(new TextEncoder().encode(part));
      },
    }),
  );

beforeEach(() => {
  saved.length = 0;
  let last: Blob | null = null;
  vi.spyOn(session, "idToken").mockResolvedValue("token");
  vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => {
    last = blob as Blob;
    return "blob:rows";
  });
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    if (last) saved.push({ name: this.download, blob: last });
  });
});
afterEach(() => vi.unstubAllGlobals());

it("saves the whole response under its name, and reports progress", async () => {
  vi.stubGlobal("fetch", async () => answer("a,b\r\n", "1,2\r\n"));
  const seen = progress();
  expect(await saveAnswer("/x", {}, seen)).toBe(true);
  expect(seen.onBytes.mock.calls.flat()).toEqual([5, 10]);
  expect(await saved[0]?.blob.text()).toBe("a,b\r\n1,2\r\n");
  expect(saved[0]?.name).toBe("rows.csv");
});

it("saves nothing of a response that breaks off", async () => {
  vi.stubGlobal("fetch", async () => answer("a,b\r\n", new TypeError("network error")));
  await expect(saveAnswer("/x", {}, progress())).rejects.toThrow();
  expect(saved).toEqual([]);
});

it("writes straight to a selected file, and aborts when the response breaks off", async () => {
  const file = { write: vi.fn(), close: vi.fn(), abort: vi.fn() };
  vi.stubGlobal("showSaveFilePicker", async () => ({ createWritable: async () => file }));
  vi.stubGlobal("fetch", async () => answer("a,b\r\n"));
  expect(await saveAnswer("/x", {}, progress())).toBe(true);
  expect([file.write.mock.calls.length, file.close.mock.calls.length, file.abort.mock.calls.length]).toEqual([
    1, 1, 0,
  ]);
  vi.stubGlobal("fetch", async () => answer("a", new TypeError("network error")));
  await expect(saveAnswer("/x", {}, progress())).rejects.toThrow();
  expect([file.close.mock.calls.length, file.abort.mock.calls.length]).toEqual([1, 1]);
  expect(saved).toEqual([]);
});

it("sends no request when no file is selected", async () => {
  const fetched = vi.fn();
  vi.stubGlobal("fetch", fetched);
  vi.stubGlobal("showSaveFilePicker", async () => {
    throw new DOMException("no", "AbortError");
  });
  expect(await saveAnswer("/x", {}, progress())).toBe(false);
  expect(fetched).not.toHaveBeenCalled();
});
