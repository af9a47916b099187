import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import { CopyButton } from "./copy-button";
import classes from "./json-view.module.css";

/** Number of children shown at first, and added on demand. */
const PAGE = 100;

/** A JSON value as a collapsible tree. */
export function JsonView({
  value,
  label = t`Value`,
  depth = 2,
}: {
  value: unknown;
  label?: string;
  depth?: number;
}) {
  return (
    <div className={classes.root} aria-label={label} role="group">
      <div className={classes.copy}>
        <CopyButton
          value={value === undefined ? "" : JSON.stringify(value, null, 2)}
          label={t`Copy as JSON`}
        />
      </div>
      <Node value={value} open={depth} />
    </div>
  );
}

function Node({ name, value, open }: { name?: string; value: unknown; open: number }) {
  const key = name === undefined ? null : <span className={classes.key}>{name}: </span>;
  if (typeof value !== "object" || value === null) {
    return (
      <div className={classes.leaf}>
        {key}
        <Scalar value={value} />
      </div>
    );
  }
  return <Branch keyLabel={key} value={value} open={open} />;
}

function Branch({ keyLabel, value, open }: { keyLabel: React.ReactNode; value: object; open: number }) {
  const [expanded, setExpanded] = useState(open > 0);
  const [shown, setShown] = useState(PAGE);
  const entries = Object.entries(value);
  const [left, right] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const size = Array.isArray(value)
    ? plural(entries.length, { one: "# item", other: "# items" })
    : plural(entries.length, { one: "# key", other: "# keys" });
  const Chevron = expanded ? IconChevronDown : IconChevronRight;
  if (entries.length === 0) {
    return (
      <div className={classes.leaf}>
        {keyLabel}
        {left + right}
      </div>
    );
  }
  return (
    <div>
      <UnstyledButton
        className={classes.toggle}
        aria-expanded={expanded}
        onClick={() => setExpanded(!expanded)}
      >
        <Chevron size={14} aria-hidden />
        {keyLabel}
        <span className={classes.size}>
          {left} {size} {right}
        </span>
      </UnstyledButton>
      {expanded && (
        <div className={classes.children}>
          {entries.slice(0, shown).map(([childName, child]) => (
            <Node key={childName} name={childName} value={child} open={open - 1} />
          ))}
          {entries.length > shown && (
            <UnstyledButton className={classes.toggle} onClick={() => setShown(shown + PAGE)}>
              … {plural(entries.length - shown, { one: "# more", other: "# more" })}
            </UnstyledButton>
          )}
        </div>
      )}
    </div>
  );
}

function Scalar({ value }: { value: unknown }) {
  if (typeof value === "string") return <span className={classes.string}>{JSON.stringify(value)}</span>;
  if (value === undefined)
    return (
      <span className={classes.null}>
        <Trans>no value</Trans>
      </span>
    );
  return <span className={value === null ? classes.null : classes.number}>{String(value)}</span>;
}
