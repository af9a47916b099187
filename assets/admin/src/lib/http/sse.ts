import { t } from "@lingui/core/macro";
import { anonymousFetch, authFetch } from "@/lib/api/client";
import { ApiError, isApiError } from "@/lib/api/errors";

export interface ServerEvent {
  id: string | null;
  event: string;
  data: string;
}

export interface StreamOptions {
  method?: "GET" | "POST";
  body?: unknown;
  signal: AbortSignal;
  onEvent: (event: ServerEvent) => void;
  /** Called when the server has accepted, before the first event. */
  onOpen?: () => void;
  /** Called when the connection is lost and will be retried. */
  onReconnect?: (attempt: number) => void;
  /** The final events: nothing follows them. */
  until?: readonly string[];
  /** Without a session. */
  anonymous?: boolean;
  /** The longest silence before the connection counts as lost. */
  idleMs?: number;
}

/** One event may carry a long result. */
const MAX_BUFFER = 64 * 1024 * 1024;

/** Splits a text stream into server-sent events (WHATWG HTML standard). */
export class SseParser {
  retryMs: number | null = null;
  private rest = "";
  /** How much of the rest is known to contain no line break. */
  private scanned = 0;
  private lastId: string | null = null;
  private event = "";
  private data: string[] = [];

  push(text: string): ServerEvent[] {
    this.rest += text;
    if (this.rest.length > MAX_BUFFER)
      throw new ApiError(0, "STREAM_TOO_LARGE", t`An event in the stream is too large.`);
    const events: ServerEvent[] = [];
    for (;;) {
      const lineEnd = /\r\n|\n|\r(?=[^])/g;
      lineEnd.lastIndex = this.scanned;
      const end = lineEnd.exec(this.rest);
      // A final carriage return may be followed by its line feed.
      this.scanned = end ? 0 : Math.max(0, this.rest.length - 1);
      if (!end) return events;
      const line = this.rest.slice(0, end.index);
      this.rest = this.rest.slice(end.index + end[0].length);
      const event = this.line(line);
      if (event) events.push(event);
    }
  }

  private line(line: string): ServerEvent | null {
    if (line === "") return this.dispatch();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.event = value;
    else if (field === "data") this.data.push(value);
    else if (field === "id" && !value.includes("\0")) this.lastId = value;
    else if (field === "retry" && /^\d+$/.test(value)) this.retryMs = Number(value);
    return null;
  }

  private dispatch(): ServerEvent | null {
    const event = { id: this.lastId, event: this.event || "message", data: this.data.join("\n") };
    const empty = this.data.length === 0;
    this.event = "";
    this.data = [];
    return empty ? null : event;
  }
}

/** How long to read without letting the browser do something else. */
const SLICE_MS = 8;

const wait = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });

/** Temporary failures are retried; a rejection is not. */
const isTemporary = (error: unknown) =>
  !isApiError(error) || error.status === 0 || error.status === 429 || error.status >= 502;

/**
 * Follows a stream until one of `until` arrives, the server ends it, or `signal` aborts. A GET that breaks resumes
 * after the last event; a POST is not repeated. Rejects if the server does.
 */
export async function streamEvents(path: string, options: StreamOptions): Promise<void> {
  let lastId: string | null = null;
  const resumable = (options.method ?? "GET") === "GET";
  for (let attempt = 0; !options.signal.aborted; attempt += 1) {
    try {
      const ended = await readOnce(path, options, lastId, (event) => {
        lastId = event.id;
        attempt = 0;
        options.onEvent(event);
      });
      if (ended || !resumable || !options.until) return;
    } catch (error) {
      if (options.signal.aborted) return;
      if (!resumable || !isTemporary(error)) throw error;
    }
    options.onReconnect?.(attempt + 1);
    await wait(Math.min(500 * 2 ** attempt, 15_000), options.signal);
  }
}

/** Reads one connection to its end; returns true if an event of `until` was among it. */
async function readOnce(
  path: string,
  options: StreamOptions,
  lastId: string | null,
  emit: (event: ServerEvent) => void,
): Promise<boolean> {
  const headers: Record<string, string> = { accept: "text/event-stream" };
  if (lastId !== null) headers["last-event-id"] = lastId;
  if (options.body !== undefined) headers["content-type"] = "application/json";
  const body = options.body === undefined ? null : JSON.stringify(options.body);
  const response = await (options.anonymous ? anonymousFetch : authFetch)(path, {
    method: options.method ?? "GET",
    headers,
    body,
    signal: options.signal,
  });
  if (!response.body) return false;
  options.onOpen?.();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const parser = new SseParser();
  let since = performance.now();
  try {
    for (;;) {
      // What has already arrived is read without a pause, which would block the page.
      if (performance.now() - since > SLICE_MS) {
        await new Promise((resolve) => setTimeout(resolve));
        since = performance.now();
      }
      const { done, value } = await withTimeout(reader.read(), options.idleMs ?? 60_000);
      if (done) return false;
      for (const event of parser.push(value)) {
        emit(event);
        if (options.until?.includes(event.event)) return true;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function withTimeout<T>(promise: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new ApiError(0, "STREAM_IDLE", t`The connection timed out.`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
