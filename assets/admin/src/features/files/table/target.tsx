import { t } from "@lingui/core/macro";
import { Select, TextInput } from "@mantine/core";
import { ResourceSelect } from "@/domain/records/resource-select";
import { hasApps, isReadOnly } from "@/domain/table-app/writable";
import { useDatasourceTypes } from "@/lib/api/catalog";
import { useCan } from "@/lib/api/me";
import type { SchemaTable } from "@/lib/api/model";
import type { FieldErrors } from "@/lib/schema/paths";
import { pathOf, usualSchema } from "@/lib/sql/sql-names";
import { numberedName, type Draft, type Key } from "./draft";
import classes from "./table.module.css";

interface TargetProps {
  draft: Draft;
  first: Draft;
  /** The tables of the chosen database. */
  tables: readonly SchemaTable[];
  errors: FieldErrors;
  disabled: boolean;
  onChange: (next: Partial<Draft>) => void;
}

type Where = "new" | "datasource";

/** The database and the table that the rows are written to. */
export function Target({ draft, first, tables, errors, disabled, onChange }: TargetProps) {
  const can = useCan();
  const types = useDatasourceTypes().data;
  const { place, append } = draft;
  const where: Where = "newDatabase" in place ? "new" : "datasource";
  const places: { value: Where; label: string }[] = [
    ...(can("datasource:create") ? [{ value: "new" as const, label: t`A new SQLite database` }] : []),
    { value: "datasource", label: t`An existing datasource` },
  ];
  return (
    <div className={classes.fields}>
      <Select
        label={t`Database`}
        data={places}
        value={where}
        disabled={disabled}
        onChange={(next) =>
          onChange({
            place: next === "new" ? { newDatabase: defaultName(first) } : { datasourceID: "" },
            schema: null,
            append: false,
            columns: first.columns,
          })
        }
      />
      {"newDatabase" in place ? (
        <TextInput
          label={t`Name of the datasource`}
          value={place.newDatabase}
          maxLength={255}
          required
          disabled={disabled}
          error={errors["newDatabase.name"]}
          onChange={({ currentTarget }) => onChange({ place: { newDatabase: currentTarget.value } })}
        />
      ) : (
        <ResourceSelect
          kind="datasource"
          label={t`Datasource`}
          placeholder={t`Select a datasource`}
          description={t`PostgreSQL, MySQL or SQLite, with writing allowed`}
          inputWrapperOrder={["label", "input", "description", "error"]}
          value={place.datasourceID || null}
          required
          disabled={disabled}
          error={errors["datasourceID"]}
          accepts={(one) => types !== undefined && hasApps(one, types) && !isReadOnly(one, types)}
          onChange={(id) => onChange({ place: { datasourceID: id ?? "" }, schema: null, append: false })}
        />
      )}
      {where === "datasource" && (
        <Select
          label={t`Rows`}
          data={[
            { value: "create", label: t`In a new table` },
            { value: "append", label: t`Appended to an existing table` },
          ]}
          value={append ? "append" : "create"}
          disabled={disabled || tables.length === 0}
          onChange={(next) => onChange(next === "append" ? appending(draft) : creating(first))}
        />
      )}
      {append ? (
        <Existing
          draft={draft}
          tables={tables}
          error={errors["table"]}
          disabled={disabled}
          onChange={onChange}
        />
      ) : (
        <>
          <TextInput
            label={t`Table`}
            value={draft.table}
            maxLength={63}
            required
            disabled={disabled}
            error={errors["table"]}
            onChange={({ currentTarget }) => onChange({ table: currentTarget.value })}
          />
          <KeySelect draft={draft} disabled={disabled} onChange={onChange} />
        </>
      )}
    </div>
  );
}

const defaultName = ({ place }: Draft) => ("newDatabase" in place ? place.newDatabase : "");
const appending = ({ columns }: Draft): Partial<Draft> => ({
  append: true,
  table: "",
  schema: null,
  columns: columns.map((column) => ({ ...column, name: null })),
});
const creating = ({ table, columns }: Draft): Partial<Draft> => ({
  append: false,
  schema: null,
  table,
  columns,
});

interface ExistingProps {
  draft: Draft;
  tables: readonly SchemaTable[];
  error: string | undefined;
  disabled: boolean;
  onChange: (next: Partial<Draft>) => void;
}

const keyOf = ({ schema, name }: Pick<SchemaTable, "schema" | "name">) =>
  JSON.stringify([schema ?? null, name]);

/** Selects a table, and finds the columns of the same names. */
function Existing({ draft, tables, error, disabled, onChange }: ExistingProps) {
  const usual = usualSchema(tables);
  const choose = (table: SchemaTable) => {
    const names = new Map(table.columns.map(({ name }) => [name.toLowerCase(), name]));
    const match = (wanted: string) => names.get(wanted.toLowerCase()) ?? null;
    const columns = draft.columns.map((column) => ({ ...column, name: match(column.from) }));
    onChange({ table: table.name, schema: table.schema ?? null, columns });
  };
  const chosen = tables.find((one) => one.name === draft.table && (one.schema ?? null) === draft.schema);
  return (
    <Select
      label={t`Table`}
      placeholder={t`Select a table`}
      data={tables.map((one) => ({ value: keyOf(one), label: pathOf(one, usual).join(".") }))}
      value={chosen ? keyOf(chosen) : null}
      searchable
      limit={200}
      required
      disabled={disabled}
      error={error}
      onChange={(key) => {
        const table = tables.find((one) => keyOf(one) === key);
        if (table) choose(table);
      }}
    />
  );
}

/** Selects what identifies a row. */
function KeySelect({ draft, disabled, onChange }: Pick<TargetProps, "draft" | "disabled" | "onChange">) {
  const { columns, key } = draft;
  const imported = columns.filter(({ name }) => name !== null);
  const added = numberedName(imported);
  const choices: { value: string; label: string; key: Key }[] = [
    { value: "numbered", label: t`An additional column “${added}” with numbers`, key: "numbered" },
    ...imported.map(({ from, name }) => ({ value: `c ${from}`, label: name ?? from, key: { column: from } })),
    { value: "none", label: t`None: the rows cannot be edited`, key: "none" },
  ];
  const value = typeof key === "object" ? `c ${key.column}` : key;
  return (
    <Select
      label={t`Primary key`}
      description={t`Identifies a row: every value occurs once`}
      inputWrapperOrder={["label", "input", "description", "error"]}
      data={choices.map((choice) => ({ value: choice.value, label: choice.label }))}
      value={value}
      disabled={disabled}
      onChange={(next) => {
        const chosen = choices.find((choice) => choice.value === next);
        if (chosen) onChange({ key: chosen.key });
      }}
    />
  );
}
