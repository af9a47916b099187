import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { createMemoryRouter, RouterProvider } from "react-router";
import { afterEach, expect, vi } from "vitest";
import { notifications } from "./feedback/notifications";
import { NotificationCorner } from "./feedback/notify";

/** A request that a component sent. */
export interface Sent {
  method: string;
  /** Below the tenant, with its query. */
  path: string;
  headers: Headers;
  body: unknown;
}

type Answer = (sent: Sent) => unknown;

const TENANT = "/api/v1/tenants/t1/";

/** An error response. */
export const failed = (status: number, code: string, message = code) =>
  new Response(JSON.stringify({ error: { code, message, details: [] } }), { status });

const json = (body: unknown) =>
  body instanceof Response
    ? body
    : body === undefined
      ? new Response(null, { status: 204 })
      : new Response(JSON.stringify(body), { status: 200 });

/** Answers requests by method and path below the tenant: `"GET widgets/w1"`; others have no route, and there are no types. */
export function serve(answers: Record<string, Answer>, permissions: readonly string[] = everything): Sent[] {
  const sent: Sent[] = [];
  const role = { id: "r1", name: "Builder", startDashboardID: null };
  const me = { user: { name: "Ada", email: "ada@example.com" }, tenants: [{ id: "t1", permissions, role }] };
  vi.stubGlobal("fetch", (target: RequestInfo | URL, init: RequestInit = {}) => {
    const url = new URL(String(target), "http://localhost");
    const method = init.method ?? "GET";
    if (url.pathname === "/api/v1/session/refresh")
      return Promise.resolve(json({ idToken: "token", expiresIn: 3600, user: me.user }));
    if (url.pathname === "/api/v1/auth") return Promise.resolve(json(me));
    const types = /^\/api\/v1\/\w+-types$/.exec(url.pathname);
    const known = answers[`${method} ${url.pathname}`];
    if (types && !known) return Promise.resolve(json({ items: [] }));
    const path = url.pathname.replace(TENANT, "");
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
    const request = { method, path: path + url.search, headers: new Headers(init.headers), body };
    sent.push(request);
    const answer = known ?? answers[`${method} ${path}`];
    return Promise.resolve(answer ? json(answer(request)) : failed(404, "NOT_FOUND"));
  });
  return sent;
}

const verbs = ["list", "read", "create", "update", "delete", "clone"];
const kinds = ["datasource", "dataquery", "widget", "dashboard", "workflow", "variable", "role", "file"];
const everything = kinds.flatMap((kind) => verbs.map((verb) => `${kind}:${verb}`));

// The machine may be slow; a condition that never holds still fails.
const PATIENCE_MS = 20_000;
vi.setConfig({ testTimeout: 3 * PATIENCE_MS });

/** Repeats a check until it passes. */
export const until = <T,>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: PATIENCE_MS });

let unmount: (() => void) | null = null;
afterEach(() => {
  notifications.clean();
  unmount?.();
  unmount = null;
  vi.unstubAllGlobals();
});

/** Shows a component on a page of the tenant; returns the router, which tells where links led. */
export function show(node: React.ReactNode, at = "/t/t1/here", path = "here") {
  const pages = [
    { path: `/t/:tenantID/${path}`, element: node },
    { path: "/t/:tenantID/*", element: null },
  ];
  const router = createMemoryRouter(pages, { initialEntries: [at] });
  const root = createRoot(document.body.appendChild(document.createElement("div")));
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  root.render(
    <I18nProvider i18n={i18n}>
      <MantineProvider env="test">
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
          <NotificationCorner />
        </QueryClientProvider>
      </MantineProvider>
    </I18nProvider>,
  );
  unmount = () => {
    root.unmount();
    document.body.replaceChildren();
  };
  return router;
}

function nameOf(element: Element): string {
  const labels = element instanceof HTMLInputElement ? element.labels : null;
  return element.getAttribute("aria-label") ?? labels?.[0]?.textContent ?? element.textContent ?? "";
}

/** Waits for the element of such a selector whose label or text is `name`. */
export function find<E extends HTMLElement = HTMLElement>(selector: string, name: string): Promise<E> {
  return until(() => {
    const all = [...document.querySelectorAll<E>(selector)];
    const found = all.find((element) => nameOf(element).replace(/[\s*]+$/, "") === name);
    if (!found) throw new Error(`no ${selector} “${name}” among ${all.map(nameOf).join(" | ")}`);
    return found;
  });
}

export const findButton = (name: string) => find<HTMLButtonElement>("button, [role=menuitem]", name);

export async function press(name: string): Promise<void> {
  (await findButton(name)).click();
}

/** Waits until the page contains a text. */
export const reads = (text: string) => until(() => expect(document.body.textContent).toContain(text));

/** Types a text into the field of that label. */
export async function fill(label: string, text: string): Promise<void> {
  const field = await find<HTMLInputElement>("input, textarea", label);
  const prototype = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
  Object.getOwnPropertyDescriptor(prototype.prototype, "value")?.set?.call(field, text);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
