import { ActionIcon, Group, Skeleton, Stack, Text, TextInput, Tooltip, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconEye, IconKey, IconRefresh, IconSearch, IconTable } from "@tabler/icons-react";
import { useState } from "react";
import { useDatasourceSchema } from "@/lib/api/datasources";
import type { SchemaTable } from "@/lib/api/model";
import { formatCount } from "@/lib/format";
import { ErrorPanel } from "./error-panel";
import classes from "./schema-browser.module.css";

/** More tables than this are found by searching. */
const SHOWN = 200;

interface SchemaBrowserProps {
  datasourceID: string;
  /** Called with the name of a table or column, to put it where it is needed. */
  onPick?: (name: string) => void;
}

/** The tables and columns of a datasource. */
export function SchemaBrowser({ datasourceID, onPick }: SchemaBrowserProps) {
  const schema = useDatasourceSchema(datasourceID);
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const tables = (schema.data?.items ?? []).filter((table) => matches(table, wanted));

  return (
    <Stack gap="sm" h="100%" mih={0} component="section" aria-label="Schema">
      <Group gap="xs" wrap="nowrap">
        <TextInput aria-label="Search tables and columns" placeholder="Search tables and columns" size="xs" flex={1} leftSection={<IconSearch size={14} />} value={text} onChange={(event) => setText(event.currentTarget.value)} />
        <Tooltip label="Read the schema again">
          <ActionIcon aria-label="Read the schema again" loading={schema.isFetching} onClick={() => void schema.refetch()}>
            <IconRefresh size={16} />
          </ActionIcon>
        </Tooltip>
      </Group>
      {schema.error && <ErrorPanel error={schema.error} title="The schema could not be read" onRetry={() => void schema.refetch()} />}
      {schema.isLoading && Array.from({ length: 6 }, (_, index) => <Skeleton key={index} h={16} w={`${80 - index * 7}%`} />)}
      <div className={classes.tables}>
        {tables.slice(0, SHOWN).map((table) => (
          <Table key={`${table.schema ?? ""}.${table.name}`} table={table} wanted={wanted} {...(onPick ? { onPick } : {})} />
        ))}
        {schema.data && tables.length === 0 && (
          <Text size="sm" c="dimmed">
            {wanted ? "Nothing matches." : "There are no tables."}
          </Text>
        )}
        {tables.length > SHOWN && (
          <Text size="sm" c="dimmed" pt="sm">
            {formatCount(tables.length - SHOWN, "more table", "more tables")}: search for them.
          </Text>
        )}
      </div>
    </Stack>
  );
}

function matches(table: SchemaTable, wanted: string): boolean {
  return !wanted || qualified(table).toLowerCase().includes(wanted) || table.columns.some(({ name }) => name.toLowerCase().includes(wanted));
}

/** Its name with the schema in front, where that is not the usual one. */
function qualified({ schema, name }: SchemaTable): string {
  return schema && schema !== "public" && schema !== "main" ? `${schema}.${name}` : name;
}

function Table({ table, wanted, onPick }: { table: SchemaTable; wanted: string; onPick?: (name: string) => void }) {
  const [toggled, setToggled] = useState<boolean | null>(null);
  const byColumn = wanted !== "" && !qualified(table).toLowerCase().includes(wanted);
  const open = toggled ?? byColumn;
  const Chevron = open ? IconChevronDown : IconChevronRight;
  const TableIcon = table.kind === "view" ? IconEye : IconTable;
  const columns = byColumn ? table.columns.filter(({ name }) => name.toLowerCase().includes(wanted)) : table.columns;
  return (
    <div>
      <div className={classes.line}>
        <UnstyledButton className={classes.toggle} aria-expanded={open} aria-label={`Columns of ${qualified(table)}`} onClick={() => setToggled(!open)}>
          <Chevron size={14} />
          <TableIcon size={14} aria-label={table.kind === "view" ? "View" : "Table"} />
        </UnstyledButton>
        <Name name={qualified(table)} {...(onPick ? { onPick } : {})} />
      </div>
      {open &&
        columns.map((column) => (
          <div key={column.name} className={classes.column}>
            <Name name={column.name} {...(onPick ? { onPick } : {})} />
            {column.primaryKey && <IconKey size={12} aria-label="Primary key" />}
            <span className={classes.type}>
              {column.type}
              {column.nullable && " ?"}
            </span>
          </div>
        ))}
    </div>
  );
}

function Name({ name, onPick }: { name: string; onPick?: (name: string) => void }) {
  if (!onPick) return <span className={classes.name}>{name}</span>;
  return (
    <UnstyledButton className={classes.name} title={`Insert ${name}`} onClick={() => onPick(name)}>
      {name}
    </UnstyledButton>
  );
}
