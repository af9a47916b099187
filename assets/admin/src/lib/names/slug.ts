import { plainLetters } from "./plain-letters";

const LONGEST = 60;
/** Pages below a record. */
const TAKEN: readonly string[] = ["edit", "table", "versions"];

/** Returns the part of an address that tells what a record is: "Sales overview" is `sales-overview`; perhaps empty. */
export function slugOf(name: string): string {
  const slug = plainLetters(name)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, LONGEST)
    .replace(/^-+|-+$/g, "");
  return TAKEN.includes(slug) ? "" : slug;
}

/** Returns the address of a record's page, below its id, with what the record is called. */
export function withSlug(pathname: string, id: string, name: string): string {
  const end = pathname.indexOf(id) + id.length;
  const rest = pathname.slice(end);
  if (end < id.length || !/^(\/[^/]*)?$/.test(rest) || TAKEN.includes(rest.slice(1))) return pathname;
  const slug = slugOf(name);
  return pathname.slice(0, end) + (slug && `/${slug}`);
}
