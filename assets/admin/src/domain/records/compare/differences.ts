import { t } from "@lingui/core/macro";
import type { Kind } from "@/lib/api/resources";
import type { Change } from "@/lib/flow/diff";
import { formatNumber } from "@/lib/format/format";
import { isEqual } from "@/lib/schema/merge-patch";

/** One difference between two contents of a record. */
export interface Difference {
  /** Identifies what differs, also in another comparison of the record. */
  path: string;
  /** What it belongs to, such as a parameter or a step; empty for the record itself. */
  of: string;
  /** The label of the changed field; empty if the whole was added or removed. */
  field: string;
  change: Change;
  /** As text; null if there is no value. */
  before: string | null;
  after: string | null;
  /** The kind of the records whose ids are the values. */
  refers?: Kind;
  /** Shown in place of the values. */
  note?: string;
}

/** Says how many entries of a list changed, in one sentence each. */
export interface Counted {
  added: (count: number) => string;
  removed: (count: number) => string;
  changed: (count: number, name: string) => string;
}

export interface DifferenceGroup {
  title: string;
  differences: Difference[];
  /** Present if the differences belong to the entries of a list. */
  counted?: Counted;
  /** Says all of it in one sentence. */
  summary?: string;
}

export type Fields = Readonly<Record<string, unknown>>;

/** Where a value is: what it belongs to and the path to that. */
export interface Place {
  path: string;
  of: string;
}

export const ofRecord: Place = { path: "", of: "" };

export const isSet = (value: unknown) => value !== undefined && value !== null && value !== "";

const isPlain = (value: unknown) => typeof value !== "object" || value === null;

/** Returns a value as text; null, undefined and empty texts are the same for people. */
export function valueText(value: unknown): string | null {
  if (!isSet(value)) return null;
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? t`yes` : t`no`;
  if (Array.isArray(value) && value.every(isPlain)) return value.map(valueText).join(", ") || null;
  return JSON.stringify(value, null, 2);
}

/** Returns a number with its unit, and any other value unchanged. */
export const quantityText = (value: unknown, unit: "second" | "millisecond"): unknown =>
  typeof value === "number" ? `${formatNumber(value)} ${unit === "second" ? "s" : "ms"}` : value;

/** Compares one value; returns nothing if people see no difference. */
export function diffValue(
  { path, of }: Place,
  field: string,
  before: unknown,
  after: unknown,
  refers?: Kind,
): Difference[] {
  const [old, now] = [valueText(before), valueText(after)];
  if (old === now || isEqual(before ?? null, after ?? null)) return [];
  const change = old === null ? "added" : now === null ? "removed" : "changed";
  return [{ path, of, field, change, before: old, after: now, ...(refers ? { refers } : {}) }];
}

/** Which records the fields of such a name refer to. */
const references: Record<string, Kind> = {
  datasourceID: "datasource",
  queryID: "dataquery",
  workflowID: "workflow",
  errorWorkflowID: "workflow",
  widgetID: "widget",
  dashboardID: "dashboard",
  fileID: "file",
};

export const referenceOf = (name: string): Kind | undefined => references[name];

/** Compares field by field; `labels` names the fields and their order. */
export function diffFields(
  { path, of }: Place,
  before: Fields,
  after: Fields,
  labels: Readonly<Record<string, string>>,
): Difference[] {
  const known = Object.keys(labels).filter((name) => name in before || name in after);
  return [...new Set([...known, ...Object.keys(before), ...Object.keys(after)])].flatMap((name) =>
    diffValue(
      { path: `${path}.${name}`, of },
      labels[name] ?? name,
      before[name],
      after[name],
      referenceOf(name),
    ),
  );
}

export interface Listed<T> {
  keyOf: (one: T, index: number) => string;
  nameOf: (one: T, index: number) => string;
  /** Describes an added or removed entry. */
  summaryOf: (one: T) => string | null;
  /** The kind of the records whose ids the descriptions are. */
  refers?: Kind;
  /** Compares an entry that exists in both. */
  diff: (place: Place, before: T, after: T) => Difference[];
}

/** Compares two lists entry by entry. */
export function diffEntries<T>(
  path: string,
  before: readonly T[],
  after: readonly T[],
  { keyOf, nameOf, summaryOf, refers, diff }: Listed<T>,
): Difference[] {
  const keyed = (list: readonly T[]) =>
    new Map(list.map((one, index) => [keyOf(one, index), { one, name: nameOf(one, index) }]));
  const [then, now] = [keyed(before), keyed(after)];
  const whole = (key: string, of: string) => ({
    path: `${path}.${key}`,
    of,
    field: "",
    ...(refers ? { refers } : {}),
  });
  const present = [...now].flatMap(([key, { one, name }]): Difference[] => {
    const was = then.get(key);
    return was
      ? diff({ path: `${path}.${key}`, of: name }, was.one, one)
      : [{ ...whole(key, name), change: "added", before: null, after: summaryOf(one) }];
  });
  const gone = [...then]
    .filter(([key]) => !now.has(key))
    .map(([key, { one, name }]): Difference => ({
      ...whole(key, name),
      change: "removed",
      before: summaryOf(one),
      after: null,
    }));
  return [...present, ...gone];
}
