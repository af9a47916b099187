import { countries, customers, statuses } from "./samples.json";

/** Days with orders, up to today. */
const DAYS = 365;
const DAY_MS = 86_400_000;

/** Returns numbers from 0 to 1 that look random and are always the same. */
function* noise(): Generator<number, never> {
  for (let state = 42; ;) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield state / 2_147_483_648;
  }
}

/** Returns a CSV text with about a year of orders that ends on the given day. */
export function sampleOrders(today: Date): string {
  const next = noise();
  const pick = <T>(values: readonly T[]) => values[Math.floor(next.next().value * values.length)];
  const lines = ["id,ordered_on,customer,country,status,total"];
  for (let day = DAYS; day >= 0; day -= 1) {
    const date = new Date(today.getTime() - day * DAY_MS).toISOString().slice(0, 10);
    // Sales grow over the year.
    const orders = 1 + Math.floor(next.next().value * (2 + (DAYS - day) / 120));
    for (let order = 0; order < orders; order += 1) {
      const total = (20 + next.next().value * 380).toFixed(2);
      lines.push([lines.length, date, pick(customers), pick(countries), pick(statuses), total].join(","));
    }
  }
  return `${lines.join("\n")}\n`;
}
