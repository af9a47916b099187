import { beforeEach, describe, expect, it, vi } from "vitest";
import { authFetch } from "@/lib/api/client";
import { ApiError } from "@/lib/api/errors";
import { SseParser, streamEvents, type ServerEvent } from "./sse";

vi.mock("@/lib/api/client", () => ({ authFetch: vi.fn() }));
const fetched = vi.mocked(authFetch);

const stream = (...chunks: string[]) =>
  new Response(
    new ReadableStream({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
        controller.close();
      },
    }),
  );

beforeEach(() => {
  fetched.mockReset();
});

describe("SseParser", () => {
  it("reads the same events however the stream is split", () => {
    const text =
      ': hello\nid: 7\nevent: step.started\ndata: {"a":1}\n\ndata: one\r\ndata:two\r\n\r\nevent: ping\n\n';
    const expected: ServerEvent[] = [
      { id: "7", event: "step.started", data: '{"a":1}' },
      { id: "7", event: "message", data: "one\ntwo" },
    ];
    for (let size = 1; size <= text.length; size += 1) {
      const parser = new SseParser();
      const events: ServerEvent[] = [];
      for (let at = 0; at < text.length; at += size) events.push(...parser.push(text.slice(at, at + size)));
      expect(events, `cut into pieces of ${size}`).toEqual(expected);
    }
  });

  it("holds an incomplete event back", () => {
    expect(new SseParser().push("data: x\n")).toEqual([]);
  });

  it("accepts the retry time only if it is a number", () => {
    const parser = new SseParser();
    parser.push("retry: soon\nretry: 250\n");
    expect(parser.retryMs).toBe(250);
  });

  it("rejects an endless line", () => {
    const parser = new SseParser();
    expect(() => parser.push("x".repeat(65 * 1024 * 1024))).toThrow("too large");
  });
});

describe("streamEvents", () => {
  it("resumes after the last event, until the final one", async () => {
    vi.useFakeTimers();
    fetched
      .mockResolvedValueOnce(stream("id: 1\nevent: a\ndata: {}\n\n"))
      .mockResolvedValueOnce(stream("id: 2\nevent: run.completed\ndata: {}\n\n"));
    const seen: string[] = [];
    const done = streamEvents("/x", {
      signal: new AbortController().signal,
      until: ["run.completed"],
      onEvent: ({ event }) => seen.push(event),
    });
    await vi.runAllTimersAsync();
    await done;
    vi.useRealTimers();
    expect(seen).toEqual(["a", "run.completed"]);
    expect(fetched.mock.calls.map(([, init]) => new Headers(init?.headers).get("last-event-id"))).toEqual([
      null,
      "1",
    ]);
  });

  it("does not retry what the server rejects", async () => {
    fetched.mockRejectedValue(new ApiError(403, "PERMISSION_DENIED", "no"));
    await expect(
      streamEvents("/x", { signal: new AbortController().signal, until: ["end"], onEvent: () => undefined }),
    ).rejects.toMatchObject({ status: 403 });
    expect(fetched).toHaveBeenCalledTimes(1);
  });

  it("does not retry a POST", async () => {
    fetched.mockResolvedValueOnce(stream("event: item\ndata: {}\n\n"));
    await streamEvents("/x", {
      method: "POST",
      body: {},
      signal: new AbortController().signal,
      until: ["done"],
      onEvent: () => undefined,
    });
    expect(fetched).toHaveBeenCalledTimes(1);
  });

  it("stops quietly when aborted", async () => {
    const control = new AbortController();
    fetched.mockImplementation(async () => {
      control.abort();
      throw new DOMException("aborted", "AbortError");
    });
    await expect(
      streamEvents("/x", { signal: control.signal, onEvent: () => undefined }),
    ).resolves.toBeUndefined();
  });
});
