import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { beforeEach, expect, it, vi } from "vitest";
import { ApiError, messageOf } from "@/lib/api/errors";
import type { JsonObject } from "@/lib/api/model";
import { render } from "@/lib/render.setup";
import { WidgetDrawerProvider } from "../drawer";
import { WidgetHostProvider, type WidgetHost } from "../host";
import { ButtonWidget } from "./button";
import { FormWidget } from "./form/form";
import { Problem } from "./problem";

vi.mock("@/lib/api/me", () => ({
  useCan: () => () => true,
  useMe: () => ({ data: { user: { id: "u", email: "ada@example.com", name: "Ada" } } }),
  useMembership: () => ({ role: { name: "Operator" } }),
}));
vi.mock("@/lib/tenant", async (original) => ({
  ...(await original<object>()),
  useTenantID: () => "t",
  useTenantLink:
    () =>
    (...path: string[]) =>
      `/t/${path.join("/")}`,
}));
const notified: string[] = [];
const retried: string[] = [];
vi.mock("@/ui/feedback/notify", () => ({
  notify: {
    done: (text: string) => notified.push(text),
    warn: (text: string) => notified.push(text),
    failed: (error: Error) => notified.push(messageOf(error)),
    retried: (attempt: string) => retried.push(attempt),
  },
}));

const calls: unknown[] = [];
let answer: unknown;

interface Options {
  vars?: JsonObject;
  row?: JsonObject;
  setter?: string;
}

function show(widget: React.ReactNode, { vars = {}, row, setter = "Customers" }: Options = {}) {
  const note =
    (name: string) =>
    (...given: unknown[]) =>
      void calls.push([name, ...given]);
  const host: WidgetHost = {
    variables: vars,
    setVariables: () => undefined,
    refresh: note("refresh"),
    readPage: null,
    choices: null,
    change: null,
    act: (_: string, ask: unknown) => {
      calls.push(["act", ask]);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer as never);
    },
    building: false,
    open: note("open"),
    refreshWidgets: note("refreshWidgets"),
    clearSelection: note("clearSelection"),
    setterOf: (name) => (name === "customer" ? { by: "row", title: setter } : null),
  };
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MemoryRouter>
        <WidgetHostProvider value={host}>
          <WidgetDrawerProvider value={row ? { row, close: note("close") } : null}>
            {widget}
          </WidgetDrawerProvider>
        </WidgetHostProvider>
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

const button = (config: JsonObject) => (
  <ButtonWidget config={{ label: "Go", ...config }} result={null} label="B" id="b" />
);
const form = (config: JsonObject) => <FormWidget config={config} result={null} label="F" id="f" />;
const action = (values: JsonObject = {}) => ({ type: "query", queryID: "q", values });
const names = () => calls.map((call) => (call as [string])[0]);
const press = async (name: string) => {
  await act(async () => {
    fireEvent.click(screen.getByRole("button", { name }));
    await Promise.resolve();
  });
};
const isDisabled = (name: string) => {
  const found = screen.getByRole<HTMLButtonElement>("button", { name });
  return found.disabled || found.getAttribute("aria-disabled") === "true";
};

beforeEach(() => {
  calls.length = 0;
  notified.length = 0;
  retried.length = 0;
  answer = { type: "query", rowCount: 0, affectedRows: 1, durationMs: 1 };
});

it("a button whose value is missing is disabled and says where to set it", () => {
  show(button({ action: action({ id: "{{ vars.customer }}" }) }), { vars: { customer: null } });
  expect(isDisabled("Go")).toBe(true);
  expect(screen.getByText("Select a row in “Customers” first.")).toBeTruthy();
});

it("a button names a variable that its dashboard does not have", () => {
  show(button({ action: action({ id: "{{ vars.other }}" }) }));
  expect(screen.getByText(/this dashboard has no filter “other”/)).toBeTruthy();
});

it("conditions hide and disable a button", () => {
  const when = (value: string) => [{ from: "user", field: "role", operator: "equals", value }];
  show(button({ action: action(), when: when("Owner") }));
  expect(screen.queryByRole("button", { name: "Go" })).toBeNull();
  const disabledWhen = [{ from: "vars", field: "status", operator: "equals", value: "closed" }];
  show(button({ label: "Close", action: action(), when: when("operator"), disabledWhen }), {
    vars: { status: "Closed" },
  });
  expect(isDisabled("Close")).toBe(true);
  expect(screen.getByText("Not available while “status” is “closed”.")).toBeTruthy();
});

it("after success it shows its message, reloads what it should, and opens its destination", async () => {
  const open = { type: "url", url: "/x" };
  const after = { refresh: ["w"], clearSelection: true, open };
  show(button({ action: action(), done: "Saved by {{ user.email }}", after }));
  await press("Go");
  expect(notified).toEqual(["Go: Saved by ada@example.com"]);
  expect(names()).toEqual(["act", "refreshWidgets", "clearSelection", "open"]);
});

it("after a failure nothing follows, and the answer names the action that failed", async () => {
  answer = {
    type: "sequence",
    steps: [{ action: "config.action", affectedRows: 1, rowCount: 0, durationMs: 1, instanceID: null }],
    failed: { action: "config.then[0]", code: "DATASOURCE_ERROR", message: "no such table" },
    notStarted: 1,
  };
  show(button({ action: action(), then: [action(), action()], after: { clearSelection: true } }));
  await press("Go");
  expect(screen.getByText("The first action was completed, but action 2 failed: no such table")).toBeTruthy();
  expect(notified).toEqual([]);
  expect(names()).toEqual(["act", "refresh"]);
});

it("a form in a drawer takes the row that opened it, keeps input on failure, and closes on success", async () => {
  const config = {
    fields: [{ name: "name" }],
    action: action({ id: "{{ row.id }}", name: "{{ form.name }}" }),
    submit: "Save",
  };
  answer = new Error("no connection");
  show(form(config), { row: { id: 7, name: "Ada" } });
  const input = screen.getByLabelText<HTMLInputElement>("Name");
  expect(input.value).toBe("Ada");
  fireEvent.change(input, { target: { value: "Eve" } });
  await press("Save");
  await waitFor(() => expect(screen.getByText("no connection")).toBeTruthy());
  expect([input.value, names()]).toEqual(["Eve", ["act"]]);
  answer = { type: "query", rowCount: 0, affectedRows: 0, durationMs: 1 };
  await press("Save");
  expect([input.value, names()]).toEqual(["Eve", ["act", "act", "refresh"]]);
  answer = { type: "query", rowCount: 0, affectedRows: 1, durationMs: 1 };
  await press("Save");
  expect(names().slice(3)).toEqual(["act", "refresh", "close"]);
  // The form itself shows what failed.
  expect(notified).toEqual(["F: 1 row changed."]);
  expect(retried).toEqual(["f/F", "f/F", "f/F"]);
  expect(calls.at(-3)).toEqual([
    "act",
    { action: "config.action", row: { id: 7, name: "Ada" }, form: { name: "Eve" } },
  ]);
});

/** What the server says of values that a query does not accept. */
const refusal = (...paths: string[]) =>
  new ApiError(
    400,
    "INVALID_REQUEST",
    `${paths[0]}: must be a number${paths.length > 1 ? ` (and ${paths.length - 1} more)` : ""}`,
    paths.map((path) => ({ path, message: "must be a number" })),
  );

it("an error of a form names the field by its label", async () => {
  answer = refusal("parameters.id", "parameters.stock");
  const fields = [{ name: "nr", label: "Order number" }];
  show(form({ fields, action: action({ id: "{{ form.nr }}", stock: "x" }), submit: "Save" }));
  await press("Save");
  const text = "“Order number”: Must be a number (and 1 more)";
  await waitFor(() => expect(screen.getByText(text)).toBeTruthy());
  expect(notified).toEqual([]);
  expect(screen.getByText("must be a number")).toBeTruthy();
});

it("an error of a button names the filter that a value comes from", async () => {
  answer = refusal("parameters.id");
  show(button({ action: action({ id: "{{ vars.customer }}" }) }), { vars: { customer: "x" } });
  await press("Go");
  expect(screen.getByText("“Customers”: Must be a number")).toBeTruthy();
  expect(notified).toEqual([]);
});

it("an error of data names the filter whose value it does not accept", () => {
  // data comes without details
  show(<Problem error={new ApiError(502, "INVALID_REQUEST", "variables.customer: must be a number")} />);
  expect(screen.getByText("“Customers”: Must be a number")).toBeTruthy();
});

it("an error of a later action names the field by its label, too", async () => {
  answer = {
    type: "sequence",
    steps: [],
    failed: {
      action: "config.then[0]",
      code: "INVALID_REQUEST",
      message: "parameters.id: must be a number",
    },
    notStarted: 0,
  };
  const fields = [{ name: "nr", label: "Order number" }];
  show(form({ fields, action: action(), then: [action({ id: "{{ form.nr }}" })], submit: "Save" }));
  await press("Save");
  expect(screen.getByText("Action 2 failed: “Order number”: Must be a number")).toBeTruthy();
  expect(notified).toEqual([]);
});

it("a form without a row asks for one, and cannot be sent", () => {
  show(form({ fields: [{ name: "name" }], action: action({ id: "{{ row.id }}" }), submit: "Save" }));
  expect(isDisabled("Save")).toBe(true);
  expect(screen.getByText("Select a row first.")).toBeTruthy();
});

it("an action that opens something runs nothing", async () => {
  const to = { type: "widget", widgetID: "w" };
  show(button({ action: { type: "open", to } }));
  await press("Go");
  expect(calls).toEqual([["open", to, { row: undefined, vars: {} }]]);
});
