// A shop's tables in real databases, and the app that is created from its orders.
import { button, hides, link, shows } from "./app.mjs";
import { PASSWORD } from "./database.mjs";
import { DATABASE, startMariadb } from "./mariadb.mjs";
import { startPostgres } from "./postgres.mjs";

const POSTGRES = `create table customers (id int generated always as identity primary key, name text not null);
  insert into customers (name) values ('Ada'), ('Grace'), ('Linus');
  create table orders (
    id int generated always as identity primary key,
    customer_id int not null references customers (id),
    status text not null default 'new' check (status in ('new', 'shipped', 'done')),
    total numeric(10, 2),
    paid boolean not null default false,
    placed date,
    notes text);
  insert into orders (customer_id, status, total, placed, notes)
  select 1 + i % 3, (array['new', 'shipped', 'done'])[1 + i % 3], i * 2.5, date '2026-01-01' + i, 'Order no. ' || i
  from generate_series(1, 60) i`;

const MARIADB = `create table customers (id int auto_increment primary key, name varchar(100) not null);
  insert into customers (name) values ('Ada'), ('Grace'), ('Linus');
  create table orders (
    id int auto_increment primary key,
    customer_id int not null references customers (id),
    status enum('new', 'shipped', 'done') not null default 'new',
    total decimal(10, 2),
    paid boolean not null default false,
    placed date,
    notes text);
  insert into orders (customer_id, status, total, placed, notes)
  select 1 + seq % 3, elt(1 + seq % 3, 'new', 'shipped', 'done'), seq * 2.5, '2026-01-01' + interval seq day,
    concat('Order no. ', seq)
  from seq_1_to_60`;

export const DATABASES = {
  postgres: {
    name: "PostgreSQL",
    type: "PostgreSQL",
    database: "postgres",
    start: () => startPostgres(POSTGRES),
  },
  mariadb: {
    name: "MariaDB",
    type: "MySQL or MariaDB",
    database: DATABASE,
    start: () => startMariadb(MARIADB),
  },
};

export const rows = (page) => page.getByRole("article", { name: "Orders" });
export const edit = (page) => page.getByRole("form", { name: "Edit row" });
export const create = (page) => page.getByRole("form", { name: "New row" });
export const cell = (page, text) => rows(page).getByRole("cell", { name: text, exact: true });

/** Waits until the form has loaded the row with these notes. */
export const edits = (page, notes) =>
  page.waitForFunction(
    (text) => document.querySelector("form[aria-label='Edit row'] textarea")?.value === text,
    notes,
  );

/** Opens the form for a new row. */
export async function openCreate(page, { press }) {
  await press(button(page, "New row"));
  await shows(create(page));
}

/** Closes the drawer with a form. */
export async function closeForm(page, { press }) {
  const drawer = page.getByRole("dialog");
  await press(button(drawer, "Close"));
  await hides(drawer);
}

/** Goes from an empty tenant to the page that creates an app from the orders. */
export async function connect(page, { write, press }, { type, database }, port) {
  await press(link(page, /Connect a datasource/));
  await press(link(page, new RegExp(`^${type}`)));
  const enter = (label, text, exact = false) =>
    write(page.getByRole("textbox", { name: label, exact }), text);
  await enter("Name", "Shop", true);
  await enter("Host", "127.0.0.1");
  await enter("Port", String(port));
  await enter("Database", database);
  await enter("User", "admin");
  await enter("Password", PASSWORD);
  await press(button(page, "Create"));
  await press(link(page, "Create app from orders"));
}
