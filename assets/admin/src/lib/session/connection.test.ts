import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

let server: ReturnType<typeof vi.fn<typeof fetch>>;

async function load() {
  vi.resetModules();
  const { connection } = await import("./connection");
  const told: boolean[] = [];
  connection.subscribe(() => told.push(connection.isReachable()));
  return { connection, told };
}

const ok = () => new Response("ok");
const refused = () => Promise.reject(new TypeError("network"));

beforeEach(() => {
  vi.useFakeTimers();
  server = vi.fn<typeof fetch>();
  vi.stubGlobal("fetch", server);
});

afterEach(() => {
  vi.useRealTimers();
});

describe("connection", () => {
  it("reports nothing when only one request failed", async () => {
    const { connection, told } = await load();
    server.mockImplementation(async () => ok());
    connection.suspect();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told).toEqual([]);
    expect(server).toHaveBeenCalledTimes(1);
  });

  it("polls less and less often until the server is back, once for any number of failures", async () => {
    const { connection, told } = await load();
    server.mockImplementation(refused);
    connection.suspect();
    connection.suspect();
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toEqual([false]);
    // after 1, 3, 7, 15, 30, 45 and 60 seconds
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server).toHaveBeenCalledTimes(8);
    server.mockImplementation(async () => ok());
    await vi.advanceTimersByTimeAsync(15_000);
    expect(told).toEqual([false, true]);
    expect(connection.isReachable()).toBe(true);
  });

  it("checks immediately when asked to", async () => {
    const { connection, told } = await load();
    server.mockImplementation(refused);
    connection.suspect();
    await vi.advanceTimersByTimeAsync(8_000);
    server.mockImplementation(async () => ok());
    connection.check();
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toEqual([false, true]);
  });

  it("treats a proxy's response as no response", async () => {
    const { connection, told } = await load();
    server.mockImplementation(async () => new Response("<html>", { status: 502 }));
    connection.suspect();
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toEqual([false]);
  });
});
