import { t } from "@lingui/core/macro";
import { ActionIcon, Group, Skeleton, Stack, Text, TextInput, Tooltip, UnstyledButton } from "@mantine/core";
import {
  IconArrowUpRight,
  IconChevronDown,
  IconChevronRight,
  IconEye,
  IconKey,
  IconListSearch,
  IconRefresh,
  IconSearch,
  IconTable,
  IconTablePlus,
  IconTableShortcut,
} from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import { Link } from "react-router";
import { useAppLink, useMayCreateApp } from "@/domain/table-app/app-from-table";
import type { SchemaTable } from "@/lib/api/model";
import { useDatasourceSchema, useRefreshSchema } from "@/lib/api/subjects/datasources";
import { useMayTry } from "@/lib/api/me";
import { columnFacts, schemaLines, type SchemaColumn, type SchemaLine } from "@/lib/sql/schema-lines";
import { quoted, writtenName } from "@/lib/sql/sql-names";
import classes from "./schema-browser.module.css";
import { TablePreview } from "./table-preview";
import { SchemaError } from "./schema-error";

const LINE_HEIGHT = 26;

interface SchemaBrowserProps {
  datasourceID: string;
  /** The character that quotes names. */
  quote?: string;
  /** Called with SQL: the name of a table or column, or a statement for a table. */
  onPick?: (sql: string) => void;
  /** Whether the first rows of a table can be read with SQL. */
  previews?: boolean;
}

interface TreeState {
  text: string;
  toggled: ReadonlyMap<string, boolean>;
}

/** The trees as they were left: saving a new query opens its page, with the same tree. */
const left = new Map<string, TreeState>();

/** Shows the tables and columns of a datasource. */
export function SchemaBrowser(props: SchemaBrowserProps) {
  return <Browser key={props.datasourceID} {...props} />;
}

function Browser({ datasourceID, quote = '"', previews = false, onPick }: SchemaBrowserProps) {
  const schema = useDatasourceSchema(datasourceID);
  const refresh = useRefreshSchema(datasourceID);
  const mayPreview = useMayTry("dataquery") && previews;
  const mayCreateApp = useMayCreateApp() && previews;
  const [previewed, setPreviewed] = useState<readonly string[] | null>(null);
  const [{ text, toggled }, setTree] = useState<TreeState>(
    left.get(datasourceID) ?? { text: "", toggled: new Map() },
  );
  const change = (tree: TreeState) => {
    left.set(datasourceID, tree);
    setTree(tree);
  };
  const lines = useMemo(
    () => schemaLines(schema.data?.items ?? [], text, toggled),
    [schema.data, text, toggled],
  );
  const error = refresh.error ?? schema.error;
  const again = () => refresh.mutate();
  const search = (next: string) => change({ text: next, toggled: new Map() });
  return (
    <Stack gap="sm" h="100%" mih={0} component="section" aria-label={t`Schema`}>
      <Group gap="xs" wrap="nowrap">
        <TextInput
          aria-label={t`Search tables and columns`}
          placeholder={t`Search`}
          size="xs"
          flex={1}
          leftSection={<IconSearch size={14} />}
          value={text}
          onChange={(event) => search(event.currentTarget.value)}
        />
        <Tooltip label={t`Reload schema`}>
          <ActionIcon
            aria-label={t`Reload schema`}
            loading={refresh.isPending || schema.isFetching}
            onClick={again}
          >
            <IconRefresh size={16} />
          </ActionIcon>
        </Tooltip>
      </Group>
      {error && <SchemaError error={error} onRetry={again} />}
      {schema.isLoading &&
        Array.from({ length: 6 }, (_, index) => <Skeleton key={index} h={16} w={`${80 - index * 7}%`} />)}
      {schema.data && lines.length === 0 && (
        <Text size="sm" c="dimmed">
          {text.trim() ? t`No results.` : t`No tables.`}
        </Text>
      )}
      {lines.length > 0 && (
        <Lines
          lines={lines}
          quote={quote}
          onToggle={(key, open) => change({ text, toggled: new Map(toggled).set(key, open) })}
          {...(onPick ? { onPick } : {})}
          {...(mayPreview ? { onPreview: setPreviewed } : {})}
          {...(mayCreateApp ? { appsOf: datasourceID } : {})}
        />
      )}
      {previewed && (
        <TablePreview
          datasourceID={datasourceID}
          path={previewed}
          quote={quote}
          onClose={() => setPreviewed(null)}
        />
      )}
    </Stack>
  );
}

interface LinesProps {
  lines: SchemaLine[];
  quote: string;
  onToggle: (key: string, open: boolean) => void;
  onPick?: (sql: string) => void;
  onPreview?: (path: readonly string[]) => void;
  /** The datasource, if apps can be created from its tables. */
  appsOf?: string;
}

/** A virtualized list: only the visible lines are in the page. */
function Lines({ lines, quote, onToggle, onPick, onPreview, appsOf }: LinesProps) {
  const scroller = useRef<HTMLDivElement>(null);
  // The virtualizer's functions change with every scroll; nothing here is memoized.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 20,
  });
  const pick = onPick ? { onPick } : {};
  return (
    <div
      ref={scroller}
      className={classes.lines}
      tabIndex={0}
      role="group"
      aria-label={t`Tables and columns`}
    >
      <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const line = lines[index];
          if (!line) return null;
          return (
            <div
              key={line.key}
              className={classes.line}
              data-column={line.column ? true : undefined}
              style={{ height: LINE_HEIGHT, transform: `translateY(${start}px)` }}
            >
              {line.column ? (
                <ColumnLine column={line.column} quote={quote} {...pick} />
              ) : (
                <TableLine
                  line={line}
                  quote={quote}
                  onToggle={onToggle}
                  {...pick}
                  {...(onPreview ? { onPreview } : {})}
                  {...(appsOf ? { appsOf } : {})}
                />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

type TableLineProps = Omit<LinesProps, "lines"> & { line: SchemaLine & { column?: undefined } };

function TableLine(props: TableLineProps) {
  const { line, quote, onToggle, onPick, onPreview, appsOf } = props;
  const { key, table, path, open } = line;
  const name = path.join(".");
  const written = writtenName(path, quote);
  const Chevron = open ? IconChevronDown : IconChevronRight;
  const isView = table.kind.includes("view");
  const TableIcon = isView ? IconEye : IconTable;
  return (
    <>
      <UnstyledButton
        className={classes.toggle}
        aria-expanded={open}
        aria-label={t`Columns of ${name}`}
        onClick={() => onToggle(key, !open)}
      >
        <Chevron size={14} />
        <TableIcon size={14} aria-label={isView ? t`View` : t`Table`} />
      </UnstyledButton>
      <Name
        name={name}
        sql={written}
        facts={table.comment ? [table.comment] : []}
        {...(onPick ? { onPick } : {})}
      />
      {onPreview && (
        <Tooltip label={t`Show the first rows`}>
          <ActionIcon
            size={24}
            className={classes.select}
            aria-label={t`Show rows of ${name}`}
            onClick={() => onPreview(path)}
          >
            <IconListSearch size={14} />
          </ActionIcon>
        </Tooltip>
      )}
      {appsOf && <AppLink datasourceID={appsOf} table={table} name={name} />}
      {onPick && (
        <Tooltip label={t`Insert: select * from ${name}`}>
          <ActionIcon
            size={24}
            className={classes.select}
            aria-label={t`Insert select * from ${name}`}
            onClick={() => onPick(`select * from ${written}`)}
          >
            <IconTableShortcut size={14} />
          </ActionIcon>
        </Tooltip>
      )}
    </>
  );
}

function AppLink({ datasourceID, table, name }: { datasourceID: string; table: SchemaTable; name: string }) {
  const appLink = useAppLink();
  return (
    <Tooltip label={t`Create an app from this table`}>
      <ActionIcon
        size={24}
        className={classes.select}
        aria-label={t`Create app from ${name}`}
        component={Link}
        to={appLink({ datasourceID, table: table.name, schema: table.schema ?? null })}
      >
        <IconTablePlus size={14} />
      </ActionIcon>
    </Tooltip>
  );
}

function ColumnLine({
  column,
  quote,
  onPick,
}: {
  column: SchemaColumn;
  quote: string;
  onPick?: (sql: string) => void;
}) {
  const { name, type, nullable, primaryKey, references } = column;
  return (
    <>
      <Name
        name={name}
        sql={quoted(name, quote)}
        facts={columnFacts(column)}
        {...(onPick ? { onPick } : {})}
      />
      {primaryKey && <IconKey size={12} className={classes.mark} role="img" aria-label={t`Primary key`} />}
      {references && (
        <IconArrowUpRight
          size={13}
          className={classes.mark}
          role="img"
          aria-label={t`References ${references.table}.${references.column}`}
        />
      )}
      <span className={classes.type}>
        {type}
        {nullable && " ?"}
      </span>
    </>
  );
}

interface NameProps {
  name: string;
  /** Its form in SQL. */
  sql: string;
  /** What the name's tooltip says about it. */
  facts: string[];
  onPick?: (sql: string) => void;
}

function Name({ name, sql, facts, onPick }: NameProps) {
  const about = facts.map((fact) => <div key={fact}>{fact}</div>);
  const shown = onPick ? (
    <UnstyledButton className={classes.name} aria-label={t`Insert ${name}`} onClick={() => onPick(sql)}>
      {name}
    </UnstyledButton>
  ) : (
    // It can be focused, so that the tooltip can be read without a mouse.
    <span className={classes.name} tabIndex={0}>
      {name}
    </span>
  );
  return (
    <Tooltip
      label={about.length ? about : name}
      multiline
      maw={320}
      position="right"
      events={{ hover: true, focus: true, touch: true }}
    >
      {shown}
    </Tooltip>
  );
}
