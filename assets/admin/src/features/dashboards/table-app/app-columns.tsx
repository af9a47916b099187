import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Checkbox, Fieldset, Group, Text } from "@mantine/core";
import { IconArrowUpRight, IconKey } from "@tabler/icons-react";
import type { SchemaTable } from "@/lib/api/model";
import { isNeeded, isShowable } from "./columns";
import classes from "./table-app.module.css";

interface AppColumnsProps {
  table: SchemaTable;
  chosen: readonly string[];
  onChange: (columns: string[]) => void;
}

/** Selects the columns of an app. */
export function AppColumns({ table, chosen, onChange }: AppColumnsProps) {
  const shown = table.columns.filter(isShowable);
  const set = (names: readonly string[]) =>
    onChange(shown.map(({ name }) => name).filter((name) => names.includes(name)));
  const lacks = shown.filter((column) => isNeeded(column) && !chosen.includes(column.name));
  const lacking = lacks.map(({ name }) => `“${name}”`).join(", ");
  return (
    <Fieldset legend={t`Columns`}>
      <Group gap="xs" mb="xs">
        <Button size="compact-xs" variant="default" onClick={() => set(shown.map(({ name }) => name))}>
          <Trans>All</Trans>
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => set([])}>
          <Trans>None</Trans>
        </Button>
      </Group>
      <div className={classes.columns}>
        {shown.map(({ name, type, primaryKey, references }) => (
          <div key={name} className={classes.column}>
            <Checkbox
              label={name}
              className={classes.columnName}
              checked={chosen.includes(name)}
              onChange={(event) =>
                set(event.currentTarget.checked ? [...chosen, name] : chosen.filter((one) => one !== name))
              }
            />
            {primaryKey && <IconKey size={13} aria-label={t`Primary key`} color="var(--jet-muted)" />}
            {references && (
              <IconArrowUpRight
                size={13}
                aria-label={t`References ${references.table}.${references.column}`}
                color="var(--jet-muted)"
              />
            )}
            <Text size="xs" c="var(--jet-muted)" truncate className={classes.type}>
              {type}
            </Text>
          </div>
        ))}
      </div>
      {lacks.length > 0 && (
        <Text size="sm" c="var(--jet-muted)" mt="xs" role="status">
          <Trans>The app cannot add rows: a new row needs {lacking}.</Trans>
        </Text>
      )}
    </Fieldset>
  );
}
