import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Popover, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { historyKinds, type HistoryKind } from "@/domain/records/compare/content";
import { History } from "@/domain/records/history/history";
import { isRecordKind, useRecordLink } from "@/domain/records/record-kinds";
import { useCan } from "@/lib/api/me";
import type { AuditEntry } from "@/lib/api/model";
import { isObject } from "@/lib/is-object";
import { useTenantLink } from "@/lib/tenant";
import classes from "./audit-logs.module.css";
import { Changes, changesOf, Values } from "./changed-values";
import { actionText, kinds } from "./words";

const isGone = (action: string) => /\.(delete|purge)$/.test(action);
const detailsOf = ({ details }: AuditEntry) => (isObject(details) ? details : {});

/** The record that was changed, as a link if it has a page, and its version at that time. */
export function TargetCell({ entry }: { entry: AuditEntry }) {
  const { action, object } = entry;
  const link = useTenantLink();
  const linkTo = useRecordLink();
  const to =
    isGone(action) || object.name === ""
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
        object.name || <Trans>(of a dashboard that you may not open)</Trans>
      )}
      <VersionLink entry={entry} />
    </span>
  );
}

const hasHistory = (kind: string): kind is HistoryKind => kind in historyKinds;

/** Opens the version that an entry is about, compared with the one before it. */
function VersionLink({ entry }: { entry: AuditEntry }) {
  const can = useCan();
  const [isOpen, setOpen] = useState(false);
  const { kind, id, name } = entry.object;
  const number = detailsOf(entry)["version"];
  if (typeof number !== "number" || !hasHistory(kind) || !can(`${kind}:read`)) return null;
  return (
    <>
      <UnstyledButton className={classes.details} onClick={() => setOpen(true)}>
        <Trans>Version {number}</Trans>
      </UnstyledButton>
      {isOpen && <History kind={kind} id={id} name={name} version={number} onClose={() => setOpen(false)} />}
    </>
  );
}

/** What was done; of changes in a datasource also from where, how many rows, and the values on demand. */
export function ActionCell({ entry }: { entry: AuditEntry }) {
  const { action } = entry;
  const details = detailsOf(entry);
  const rows = typeof details["rows"] === "number" ? details["rows"] : null;
  const values = isObject(details["parameters"]) ? details["parameters"] : {};
  const changes = changesOf(details["changes"]);
  const hasValues = Object.keys(values).length > 0 || changes.length > 0;
  const text =
    rows === null ? (hasValues ? t`Values` : null) : plural(rows, { one: "# row", other: "# rows" });
  return (
    <span>
      <span title={action}>{actionText(action)}</span>
      {text !== null && !hasValues && <span className={classes.kind}> {text}</span>}
      {text !== null && hasValues && (
        <Popover position="bottom-start" withArrow>
          <Popover.Target>
            <UnstyledButton className={classes.details} aria-label={t`${text}, show values`}>
              {text}
            </UnstyledButton>
          </Popover.Target>
          <Popover.Dropdown>
            {changes.length > 0 ? <Changes changes={changes} rows={rows} /> : <Values values={values} />}
          </Popover.Dropdown>
        </Popover>
      )}
      {action.endsWith(".change") && <Origin entry={entry} />}
    </span>
  );
}

/** From where data was changed: a dashboard, a run, the app or the API. */
function Origin({ entry }: { entry: AuditEntry }) {
  const link = useTenantLink();
  const found = detailsOf(entry)["from"];
  const from = isObject(found) ? found : {};
  const { dashboard, dashboardID, widget, run } = from;
  if (typeof run === "string")
    return (
      <span className={classes.origin}>
        <Anchor component={Link} to={link("runs", run)} size="xs">
          <Trans>Workflow run</Trans>
        </Anchor>
      </span>
    );
  if (typeof dashboard !== "string")
    return (
      <span className={classes.origin}>
        {entry.actor.kind === "apiKey" ? <Trans>API</Trans> : <Trans>Query editor</Trans>}
      </span>
    );
  return (
    <span className={classes.origin}>
      {typeof dashboardID === "string" ? (
        <Anchor component={Link} to={link("dashboards", dashboardID)} size="xs">
          {dashboard}
        </Anchor>
      ) : (
        dashboard
      )}
      {typeof widget === "string" && ` › ${widget}`}
    </span>
  );
}
