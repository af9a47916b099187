import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Alert, Button, Select, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { IconDatabase, IconInfoCircle } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { ResourceSelect } from "@/domain/records/resource-select";
import { SchemaError } from "@/domain/schema-browser/schema-error";
import { hasApps, isReadOnly } from "@/domain/table-app/writable";
import { useDatasourceTypes } from "@/lib/api/catalog";
import { isApiError } from "@/lib/api/errors";
import { useCan } from "@/lib/api/me";
import type { DatasourceType, SchemaTable } from "@/lib/api/model";
import { useList, useOne } from "@/lib/api/resources";
import { useCreateApp, useDatasourceSchema } from "@/lib/api/subjects/datasources";
import { fieldErrors } from "@/lib/schema/paths";
import { pathOf, usualSchema } from "@/lib/sql/sql-names";
import { useTenantLink } from "@/lib/tenant";
import { EmptyState } from "@/ui/feedback/empty-state";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { PageHeader } from "@/ui/page/page-header";
import { AppColumns } from "./app-columns";
import { appTexts } from "./app-texts";
import { appName, firstColumns, hasKey } from "./columns";
import { RowsPreview } from "./rows-preview";
import classes from "./table-app.module.css";

/** Creates an app from a table: select the table, select its columns, create. */
export function CreateApp() {
  const link = useTenantLink();
  const can = useCan();
  const [search, setSearch] = useSearchParams();
  const types = useDatasourceTypes().data;
  const list = useList("datasource", { sort: "name", limit: 200 });
  const given = search.get("datasource");
  const usable = types && list.items?.filter((one) => hasApps(one, types));
  const only = usable?.length === 1 ? usable[0] : undefined;
  const datasourceID = given ?? only?.id ?? null;
  return (
    <>
      <PageHeader
        title={t`App from a table`}
        breadcrumb={[{ label: t`Dashboards`, to: link("dashboards") }]}
      />
      {given === null && usable?.length === 0 ? (
        <EmptyState
          icon={IconDatabase}
          title={t`Connect a database first`}
          text={t`An app shows the rows of a table. This tenant has no database with tables yet.`}
          action={
            can("datasource:create") && (
              <Button component={Link} to={link("datasources", "new")}>
                <Trans>New datasource</Trans>
              </Button>
            )
          }
        />
      ) : (
        <div className={classes.page}>
          <Stack gap="md" className={classes.settings}>
            <Text c="var(--jet-muted)">
              <Trans>
                Creates a dashboard that searches, adds, edits and deletes the rows of a table. It needs no
                SQL.
              </Trans>
            </Text>
            <ResourceSelect
              kind="datasource"
              label={t`Datasource`}
              placeholder={t`Select a datasource`}
              value={datasourceID}
              accepts={(one) => types !== undefined && hasApps(one, types)}
              onChange={(id) => id && setSearch({ datasource: id })}
            />
            {datasourceID && types && (
              <DatasourceStep key={datasourceID} datasourceID={datasourceID} types={types} />
            )}
          </Stack>
        </div>
      )}
    </>
  );
}

interface DatasourceStepProps {
  datasourceID: string;
  types: readonly DatasourceType[];
}

/** Says what the datasource does not allow, before anything is created. */
function DatasourceStep({ datasourceID, types }: DatasourceStepProps) {
  const { data, error, refetch } = useOne("datasource", datasourceID);
  if (error) return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton h={60} />;
  if (!hasApps(data, types))
    return (
      <Text role="status">
        <Trans>Apps cannot be created from “{data.name}”. Select a database with tables.</Trans>
      </Text>
    );
  return (
    <>
      {isReadOnly(data, types) && (
        <Alert icon={<IconInfoCircle size={16} />} color="blue" className={classes.notice ?? ""}>
          <Trans>
            “{data.name}” is read-only, so the app can show and search the rows of its tables, but not change
            them.
          </Trans>
        </Alert>
      )}
      <TableStep datasourceID={datasourceID} />
    </>
  );
}

const keyOf = ({ schema, name }: Pick<SchemaTable, "schema" | "name">) =>
  JSON.stringify([schema ?? null, name]);

function TableStep({ datasourceID }: { datasourceID: string }) {
  const [search, setSearch] = useSearchParams();
  const schema = useDatasourceSchema(datasourceID);
  const tables = schema.data?.items ?? [];
  const usual = usualSchema(tables);
  const table = tables.find(
    (one) =>
      one.name === search.get("table") &&
      (search.get("schema") === null || one.schema === search.get("schema")),
  );
  if (schema.error) return <SchemaError error={schema.error} onRetry={schema.refetch} />;
  if (!schema.data) return <Skeleton h={60} />;
  return (
    <>
      <Select
        label={t`Table`}
        placeholder={t`Select a table`}
        data={tables.map((one) => ({ value: keyOf(one), label: pathOf(one, usual).join(".") }))}
        value={table ? keyOf(table) : null}
        searchable
        limit={200}
        nothingFoundMessage={tables.length ? t`No results` : t`No tables.`}
        onChange={(key) => {
          const chosen = tables.find((one) => keyOf(one) === key);
          if (!chosen) return;
          const { schema: inSchema, name } = chosen;
          setSearch(
            { datasource: datasourceID, table: name, ...(inSchema ? { schema: inSchema } : {}) },
            { replace: true },
          );
        }}
      />
      {table && <AppForm key={keyOf(table)} datasourceID={datasourceID} table={table} />}
    </>
  );
}

function AppForm({ datasourceID, table }: { datasourceID: string; table: SchemaTable }) {
  const link = useTenantLink();
  const navigate = useNavigate();
  const create = useCreateApp(datasourceID);
  const [name, setName] = useState(appName(table));
  const [columns, setColumns] = useState(() => firstColumns(table));
  const errors = isApiError(create.error) ? fieldErrors(create.error.details) : {};
  const isNameTaken = isApiError(create.error, "CONFLICT");
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    const { schema, name: tableName } = table;
    create.mutate(
      {
        table: tableName,
        ...(schema ? { schema } : {}),
        name: name.trim(),
        columns,
        texts: appTexts(),
      },
      { onSuccess: ({ id }) => void navigate(link("dashboards", id), { replace: true }) },
    );
  };
  return (
    <form onSubmit={submit} className={classes.form}>
      {!hasKey(table) && (
        <Alert icon={<IconInfoCircle size={16} />} color="blue">
          <Trans>
            This table has no primary key, so the app can show and search its rows, but not change them.
          </Trans>
        </Alert>
      )}
      <TextInput
        label={t`Name`}
        value={name}
        required
        maxLength={255}
        error={errors["name"] ?? (isNameTaken ? create.error?.message : undefined)}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <AppColumns table={table} chosen={columns} onChange={setColumns} />
      {create.error && !isNameTaken && (
        <ErrorPanel error={create.error} title={t`Could not create the app`} />
      )}
      <div className={classes.submit}>
        <Button type="submit" loading={create.isPending} disabled={columns.length === 0 || !name.trim()}>
          <Trans>Create app</Trans>
        </Button>
        <Text size="sm" c="var(--jet-muted)">
          <Trans>You can edit its widgets and queries afterwards.</Trans>
        </Text>
      </div>
      <RowsPreview datasourceID={datasourceID} table={table} columns={columns} />
    </form>
  );
}
