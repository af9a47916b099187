import { plural, t } from "@lingui/core/macro";
import { Anchor, Popover, Text, UnstyledButton } from "@mantine/core";
import { Link } from "react-router";
import { isRecordKind, useRecordLink } from "@/domain/records/record-kinds";
import type { AuditEntry } from "@/lib/api/model";
import { isObject } from "@/lib/is-object";
import { useTenantLink } from "@/lib/tenant";
import classes from "./audit-logs.module.css";
import { actionText, kinds } from "./words";

const isGone = (action: string) => /\.(delete|purge)$/.test(action);

/** The record that was changed, as a link if it has a page. */
export function TargetCell({ entry: { action, object } }: { entry: AuditEntry }) {
  const link = useTenantLink();
  const linkTo = useRecordLink();
  const to = isGone(action)
    ? null
    : object.kind === "instance"
      ? link("runs", object.id)
      : isRecordKind(object.kind)
        ? linkTo(object.kind, object.id)
        : null;
  return (
    <span>
      <span className={classes.kind}>{kinds[object.kind] ?? object.kind}</span>{" "}
      {to ? (
        <Anchor component={Link} to={to} size="sm">
          {object.name}
        </Anchor>
      ) : (
        object.name
      )}
    </span>
  );
}

/** What was done; of changes in a datasource also how many rows, and the values on demand. */
export function ActionCell({ entry: { action, details } }: { entry: AuditEntry }) {
  const found = isObject(details) ? details : {};
  const rows = typeof found["rows"] === "number" ? found["rows"] : null;
  const values = isObject(found["parameters"]) ? Object.entries(found["parameters"]) : [];
  const text = rows === null ? null : plural(rows, { one: "# row", other: "# rows" });
  return (
    <span>
      <span title={action}>{actionText(action)}</span>
      {text !== null && values.length === 0 && <span className={classes.kind}> {text}</span>}
      {text !== null && values.length > 0 && (
        <Popover position="bottom-start" withArrow>
          <Popover.Target>
            <UnstyledButton className={classes.details} aria-label={t`${text}, show values`}>
              {text}
            </UnstyledButton>
          </Popover.Target>
          <Popover.Dropdown>
            <dl className={classes.values}>
              {values.map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>
                    <Text size="sm" ff="monospace" lineClamp={4}>
                      {typeof value === "string" ? value : JSON.stringify(value)}
                    </Text>
                  </dd>
                </div>
              ))}
            </dl>
          </Popover.Dropdown>
        </Popover>
      )}
    </span>
  );
}
