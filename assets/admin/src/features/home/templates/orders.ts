import { t } from "@lingui/core/macro";
import { now } from "@/lib/format/dates/clock";
import { sampleOrders } from "./sample-orders";
import BY_COUNTRY from "./sql/orders-by-country.sql?raw";
import BY_MONTH from "./sql/orders-by-month.sql?raw";
import FIGURES from "./sql/orders-figures.sql?raw";
import LATEST from "./sql/orders-latest.sql?raw";
import YESTERDAY from "./sql/orders-yesterday.sql?raw";
import type { Make } from "@/lib/api/make-all";
import { boardOf, parameterOf, queryOf, widgetOf, type Build, type Shown, type Tools } from "./template";

const days = [parameterOf("days", { type: "number", default: 365 })];

/** Creates a file with sample orders and the datasource that reads it. */
export async function orderSource({ make, upload }: Tools): Promise<string> {
  const fileID = await upload(t`Sample orders`, sampleOrders(new Date(now())));
  const { id } = await make("datasource", {
    name: t`Sample orders`,
    description: "",
    type: "file",
    options: { fileID },
    tags: [],
  });
  return id;
}

const parameters = { days: "{{ vars.days }}" };
const euros = { format: "currency", currency: "EUR" };

/** Numbers, charts and a table of sample orders in a CSV file. */
export const orders: Build = async (tools) => {
  const { make } = tools;
  const source = await orderSource(tools);
  const [revenue, count, basket] = await figureWidgets(make, source);
  const [line, bar] = await chartWidgets(make, source);
  const board = await make(
    "dashboard",
    boardOf(
      t`Orders`,
      [
        [revenue, 0, 0, 4, 2],
        [count, 4, 0, 4, 2],
        [basket, 8, 0, 4, 2],
        [line, 0, 2, 8, 5],
        [bar, 8, 2, 4, 5],
        [await orderTable(make, source), 0, 7, 12, 8],
      ],
      [
        {
          name: "days",
          type: "select",
          label: t`Number of days`,
          default: "365",
          options: ["30", "90", "365"],
          source: null,
        },
      ],
    ),
  );
  return ["dashboards", board.id];
};

async function figureWidgets(make: Make, source: string): Promise<[Shown, Shown, Shown]> {
  const { id: queryID } = await make("dataquery", queryOf(t`Order figures`, source, FIGURES, days));
  const figure = (name: string, field: string, style: object) =>
    widgetOf(make, name, "number", { queryID, parameters, field, ...style });
  return [
    await figure(t`Revenue`, "revenue", euros),
    await figure(t`Orders`, "orders", { format: "number" }),
    await figure(t`Average order`, "basket", euros),
  ];
}

async function chartWidgets(make: Make, source: string): Promise<[Shown, Shown]> {
  const byMonth = await make("dataquery", queryOf(t`Revenue by month`, source, BY_MONTH, days));
  const byCountry = await make("dataquery", queryOf(t`Revenue by country`, source, BY_COUNTRY, days));
  const series = [{ field: "revenue", label: t`Revenue` }];
  return [
    await widgetOf(make, t`Revenue by month`, "line", {
      queryID: byMonth.id,
      parameters,
      x: "month",
      series,
      ...euros,
    }),
    await widgetOf(make, t`Revenue by country`, "bar", {
      queryID: byCountry.id,
      parameters,
      x: "country",
      series,
      horizontal: true,
      ...euros,
    }),
  ];
}

async function orderTable(make: Make, source: string): Promise<Shown> {
  const latest = await make("dataquery", queryOf(t`Latest orders`, source, LATEST, days));
  return widgetOf(make, t`Latest orders`, "table", {
    queryID: latest.id,
    parameters,
    columns: [
      { field: "id", label: t`Order` },
      { field: "ordered_on", label: t`Date`, format: "date" },
      { field: "customer", label: t`Customer` },
      { field: "country", label: t`Country` },
      { field: "status", label: t`Status`, display: "badge" },
      { field: "total", label: t`Total`, ...euros },
    ],
  });
}

/** The query of the nightly report. */
export const yesterdayOf = (source: string) => queryOf(t`Orders of yesterday`, source, YESTERDAY);
