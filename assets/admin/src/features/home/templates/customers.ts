import { t } from "@lingui/core/macro";
import type { Make } from "@/lib/api/make-all";
import { plans } from "./samples.json";
import ADD from "./sql/customers-add.sql?raw";
import CHANGE from "./sql/customers-change.sql?raw";
import DELETE from "./sql/customers-delete.sql?raw";
import FIND from "./sql/customers-find.sql?raw";
import ROWS from "./sql/customers-rows.sql?raw";
import TABLE from "./sql/customers-table.sql?raw";
import { boardOf, databasePath, parameterOf, queryOf, widgetOf, type Build, type Shown } from "./template";

const required = (name: string) => parameterOf(name, { required: true });
const id = parameterOf("id", { type: "number", required: true });

/** A table of customers in a SQLite file, with editable cells, a form, and a row action. */
export const customers: Build = async ({ make, run }) => {
  const { id: source } = await make("datasource", {
    name: t`Customers`,
    description: "",
    type: "sqlite",
    options: { path: databasePath("customers"), readOnly: false },
    tags: [],
  });
  await run(source, TABLE);
  await run(source, ROWS);
  const board = await make(
    "dashboard",
    boardOf(t`Customers`, [
      [await customerTable(make, source), 0, 0, 9, 10],
      [await customerForm(make, source), 9, 0, 3, 10],
    ]),
  );
  return ["dashboards", board.id];
};

async function customerTable(make: Make, source: string): Promise<Shown> {
  const change = queryOf(t`Change a customer’s plan`, source, CHANGE, [id, required("plan")]);
  const list = await make("dataquery", queryOf(t`Customers`, source, FIND));
  const changing = await make("dataquery", change);
  const deleting = await make("dataquery", queryOf(t`Delete a customer`, source, DELETE, [id]));
  const action = (queryID: string, values: Record<string, string>) => ({ type: "query", queryID, values });
  return widgetOf(make, t`Customers`, "table", {
    queryID: list.id,
    columns: [
      { field: "id", hidden: true },
      { field: "name", label: t`Name` },
      { field: "email", label: t`Email` },
      { field: "country", label: t`Country` },
      {
        field: "plan",
        label: t`Plan`,
        display: "badge",
        edit: {
          choices: plans,
          action: action(changing.id, { id: "{{ row.id }}", plan: "{{ value }}" }),
        },
      },
      { field: "since", label: t`Customer since`, format: "date" },
    ],
    pageSize: 50,
    rowActions: [
      {
        label: t`Delete`,
        confirm: t`Delete ${"{{ row.name }}"}?`,
        action: action(deleting.id, { id: "{{ row.id }}" }),
      },
    ],
  });
}

async function customerForm(make: Make, source: string): Promise<Shown> {
  const parameters = [required("name"), parameterOf("email"), parameterOf("country"), required("plan")];
  const { id: queryID } = await make("dataquery", queryOf(t`Add a customer`, source, ADD, parameters));
  return widgetOf(make, t`New customer`, "form", {
    fields: [
      { name: "name", label: t`Name`, required: true },
      { name: "email", label: t`Email`, type: "email" },
      { name: "country", label: t`Country` },
      { name: "plan", label: t`Plan`, type: "select", options: plans, default: plans[0], required: true },
    ],
    action: {
      type: "query",
      queryID,
      values: Object.fromEntries(parameters.map(({ name }) => [name, `{{ form.${name} }}`])),
    },
    submit: t`Add`,
    done: t`Customer added.`,
  });
}
