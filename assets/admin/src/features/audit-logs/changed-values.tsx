import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { isObject } from "@/lib/is-object";
import classes from "./audit-logs.module.css";

type Row = Readonly<Record<string, unknown>>;

/** A row that was changed in an editable table, as the audit log keeps it. */
export interface ChangedRow {
  what: "update" | "insert" | "delete";
  key: Row;
  before: Row;
  after: Row;
}

const row = (value: unknown): Row => (isObject(value) ? value : {});

/** Reads the changed rows of an entry; others are left out. */
export function changesOf(value: unknown): ChangedRow[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: unknown): ChangedRow[] => {
    const { update, insert, delete: removed } = row(one);
    if (isObject(update))
      return [
        {
          what: "update",
          key: row(update["key"]),
          before: row(update["before"]),
          after: row(update["after"]),
        },
      ];
    if (isObject(insert)) return [{ what: "insert", key: {}, before: {}, after: row(insert["values"]) }];
    if (isObject(removed))
      return [{ what: "delete", key: row(removed["key"]), before: row(removed["before"]), after: {} }];
    return [];
  });
}

const shown = (value: unknown) =>
  value === undefined || value === null ? "–" : typeof value === "string" ? value : JSON.stringify(value);

/** Lists values by their names. */
export function Values({ values }: { values: Row }) {
  return (
    <dl className={classes.values}>
      {Object.entries(values).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Text size="sm" ff="monospace" lineClamp={4}>
              {shown(value)}
            </Text>
          </dd>
        </div>
      ))}
    </dl>
  );
}

const titles = { update: t`Changed`, insert: t`New row`, delete: t`Deleted` };

/** Lists changed rows with the values before and after. */
export function Changes({ changes, rows }: { changes: readonly ChangedRow[]; rows: number | null }) {
  const rest = (rows ?? 0) - changes.length;
  return (
    <div className={classes.changes} tabIndex={0} role="group" aria-label={t`Changed rows`}>
      {changes.map((change, index) => (
        <section key={index}>
          <Text size="sm" fw={500}>
            {titles[change.what]} <KeyText values={change.key} />
          </Text>
          <table className={classes.compared}>
            <thead>
              <tr>
                <th>
                  <Trans>Column</Trans>
                </th>
                {change.what !== "insert" && (
                  <th>
                    <Trans>Before</Trans>
                  </th>
                )}
                {change.what !== "delete" && (
                  <th>
                    <Trans>After</Trans>
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {Object.keys({ ...change.before, ...change.after }).map((name) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  {change.what !== "insert" && <td>{shown(change.before[name])}</td>}
                  {change.what !== "delete" && <td>{shown(change.after[name])}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ))}
      {rest > 0 && (
        <Text size="sm" c="dimmed">
          {plural(rest, {
            one: "The values of # more row are not kept.",
            other: "The values of # more rows are not kept.",
          })}
        </Text>
      )}
    </div>
  );
}

/** The key of a row, such as `id 7`. */
function KeyText({ values }: { values: Row }) {
  return Object.entries(values).map(([name, value]) => (
    <span key={name} className={classes.key}>
      {name} {shown(value)}
    </span>
  ));
}
