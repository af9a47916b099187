import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Skeleton, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { IconSearch, IconTable } from "@tabler/icons-react";
import { useState } from "react";
import { ResourceSelect } from "@/domain/records/resource-select";
import { SchemaError } from "@/domain/schema-browser/schema-error";
import { useDatasourceTypes } from "@/lib/api/catalog";
import type { Datasource, DatasourceType, SchemaTable } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { useDatasourceSchema } from "@/lib/api/subjects/datasources";
import { searchRecords } from "@/lib/rows/search-records";
import { quoteOf } from "@/lib/sql/quote";
import { pathOf, selectAll, usualSchema } from "@/lib/sql/sql-names";
import classes from "./drawer.module.css";

interface TableStepProps {
  /** The datasource that is selected at first. */
  firstID: string | undefined;
  onTable: (datasourceID: string, type: DatasourceType, sql: string) => void;
  onBack: () => void;
}

/** The most tables that are listed at once. */
const MOST_TABLES = 200;

const hasTables = (type: DatasourceType | undefined) =>
  type?.capabilities.sql === true && type.capabilities.schema;

/** Selects the table whose rows a widget shows. */
export function TableStep({ firstID, onTable, onBack }: TableStepProps) {
  const types = useDatasourceTypes().data;
  const typeOf = (one: Datasource | undefined) => types?.find(({ type }) => type === one?.type);
  const [chosen, setChosen] = useState(firstID ?? null);
  const datasource = useOne("datasource", chosen ?? undefined).data;
  const type = typeOf(datasource);
  return (
    <section className={classes.step} aria-label={t`Table`}>
      <Stack gap="md" className={classes.start}>
        <ResourceSelect
          kind="datasource"
          label={t`Datasource`}
          placeholder={t`Select a datasource`}
          value={hasTables(type) ? chosen : null}
          accepts={(one) => hasTables(typeOf(one))}
          onChange={setChosen}
        />
        {datasource && type && hasTables(type) && (
          <Tables
            key={datasource.id}
            datasourceID={datasource.id}
            onTable={(path) => onTable(datasource.id, type, selectAll(path, quoteOf(type)))}
          />
        )}
      </Stack>
      <div className={classes.foot}>
        <Button variant="default" onClick={onBack}>
          <Trans>Back</Trans>
        </Button>
        <span className={classes.grow} />
      </div>
    </section>
  );
}

interface TablesProps {
  datasourceID: string;
  onTable: (path: string[]) => void;
}

function Tables({ datasourceID, onTable }: TablesProps) {
  const [text, setText] = useState("");
  const schema = useDatasourceSchema(datasourceID);
  if (schema.error) return <SchemaError error={schema.error} onRetry={schema.refetch} />;
  if (!schema.data) return <Skeleton h={120} />;
  const tables: readonly SchemaTable[] = schema.data.items;
  const usual = usualSchema(tables);
  const found = searchRecords(tables, text.trim(), "name");
  return (
    <Stack gap="xs">
      <TextInput
        aria-label={t`Search tables`}
        placeholder={t`Search tables`}
        leftSection={<IconSearch size={16} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <ul className={classes.tables}>
        {found.slice(0, MOST_TABLES).map((table) => {
          const path = pathOf(table, usual);
          return (
            <li key={path.join(".")}>
              <UnstyledButton className={classes.row} onClick={() => onTable(path)}>
                <IconTable size={16} aria-hidden />
                <Text span size="sm" truncate>
                  {path.join(".")}
                </Text>
              </UnstyledButton>
            </li>
          );
        })}
      </ul>
      {found.length > MOST_TABLES && (
        <Text size="sm" c="dimmed">
          <Trans>These are the first {MOST_TABLES} tables. Search to find others.</Trans>
        </Text>
      )}
      {found.length === 0 && (
        <Text size="sm" c="dimmed">
          {text.trim() ? t`No results.` : t`No tables.`}
        </Text>
      )}
    </Stack>
  );
}
