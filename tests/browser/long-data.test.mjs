// Long data in a real database becomes a correct stacked chart with the default choices, by mouse, on a phone and by
// keyboard.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { owner } from "./support/api.mjs";
import { button, fitsSideways, hides, link, shows, signIn } from "./support/app.mjs";
import { behind, makeDashboard } from "./support/dashboards.mjs";
import { PASSWORD } from "./support/database.mjs";
import { HANDS } from "./support/hands.mjs";
import { DATABASE, startMariadb } from "./support/mariadb.mjs";
import { suite } from "./support/journey.mjs";
import { startPostgres } from "./support/postgres.mjs";

const TABLE = `create table tickets (week date not null, status varchar(10) not null, hours decimal(10, 2) not null);
  insert into tickets values ('2026-01-05', 'open', 1.25), ('2026-01-05', 'done', 2), ('2026-01-12', 'open', 3),
    ('2026-01-12', 'done', 4.5), ('2026-01-12', 'done', 0.25), ('2026-01-19', 'open', 7)`;

const SOURCES = {
  PostgreSQL: { type: "postgresql", start: () => startPostgres(TABLE), database: "postgres" },
  MariaDB: { type: "mysql", start: () => startMariadb(TABLE), database: DATABASE },
};

const running = {};
before(async () => {
  for (const [name, { start }] of Object.entries(SOURCES)) running[name] = await start();
});
after(() => Promise.all(Object.values(running).map(({ stop }) => stop())));

const journey = suite({ demo: true });

/** Adds a datasource for one of the servers. */
async function connect(api, source, name) {
  const { type, database } = SOURCES[source];
  const options = {
    host: "127.0.0.1",
    port: running[source].port,
    database,
    user: "admin",
    password: PASSWORD,
  };
  return api("POST", "datasources", { name, type, options });
}

const field = (scope, label) =>
  scope
    .getByRole("combobox", { name: label })
    .or(scope.getByRole("textbox", { name: label, exact: true }))
    .first();

for (const [source, { name: way, page: look, of }] of [
  ["PostgreSQL", HANDS.mouse],
  ["MariaDB", HANDS.touch],
  ["PostgreSQL", HANDS.keyboard],
])
  journey(`long data in ${source} becomes a stacked chart, ${way}`, look, async (page, server) => {
    const hand = of(page);
    const api = await owner(server);
    const shop = `${source} ${way}`;
    await connect(api, source, shop);
    const dashboard = await makeDashboard(api, `Hours ${way}`, {});
    await signIn(page);
    await page.goto(`${page.url().match(/^.*\/t\/[^/]+/)[0]}/dashboards/${dashboard.id}/edit`);
    await hand.press(button(page, "Add the first widget"));
    const drawer = page.getByRole("dialog");
    await hand.press(drawer.getByRole("button", { name: /^Write a query/ }));
    await hand.choose(field(drawer, "Datasource"), shop);
    await hand.write(
      drawer.getByRole("textbox", { name: "SQL", exact: true }),
      "select week, status, hours from tickets",
    );
    await hand.press(drawer.getByRole("button", { name: /^Run/ }));
    await shows(drawer.getByRole("region", { name: "Result" }).getByRole("cell", { name: "done" }).first());
    await hand.press(button(drawer, "Select chart"));
    await hand.write(drawer.getByRole("textbox", { name: "Name", exact: true }), "Hours");
    await hand.press(button(drawer, "Add to dashboard"));
    await hides(drawer);
    await hand.press(button(page, "Save and view"));
    await shows(link(page, "Edit"));
    const chart = page.getByRole("article", { name: "Hours", exact: true });
    const [first, ...rest] = await behind(chart);
    const sums = [first, ...rest].map((row) => row.slice(1));
    assert.deepEqual(sums, [
      ["1.25", "2"],
      ["3", "4.75"],
      ["7", "–"],
    ]);
    const { widgets } = await api("GET", `dashboards/${dashboard.id}`);
    const { split, stack } = widgets[0].config;
    assert.deepEqual([split, stack], ["status", "normal"]);
    await fitsSideways(page);
  });
