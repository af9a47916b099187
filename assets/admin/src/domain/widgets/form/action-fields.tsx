import { t } from "@lingui/core/macro";
import { Autocomplete, Fieldset, Select, Skeleton, Stack, Text } from "@mantine/core";
import { ResourceSelect } from "@/domain/records/resource-select";
import {
  useFormContext,
  useInputProps,
  type FieldProps,
  type FieldRenderer,
} from "@/domain/schema-form/context";
import schemaClasses from "@/domain/schema-form/schema-form.module.css";
import type { Column, DataQuery, JsonObject, Parameter, Workflow } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { isObject } from "@/lib/is-object";
import { joinPath } from "@/lib/schema/paths";
import { placeholderFor } from "@/lib/templates/placeholders";
import { startingValues, valueFor, valueText } from "./action-values";
import classes from "./widget-form.module.css";

const kinds = [
  { value: "query", label: t`Run a query` },
  { value: "workflow", label: t`Start a workflow` },
];

interface Offer {
  /** The columns and form fields that values may be taken from. */
  columns: string[];
  fields: string[];
  /** Whether it edits a cell, so that the entered value is available. */
  cell: boolean;
}

/** Edits an action: what it runs, with which values. */
function ActionField({ offer, ...props }: FieldProps & { offer: Omit<Offer, "cell"> }) {
  const { errors, disabled } = useFormContext();
  const { path, label, value, onChange } = props;
  const action = isObject(value) ? value : {};
  const type = action["type"] === "workflow" ? "workflow" : "query";
  const idField = type === "workflow" ? "workflowID" : "queryID";
  const id = typeof action[idField] === "string" ? action[idField] : null;
  const values = isObject(action["values"]) ? action["values"] : {};
  const all: Offer = { ...offer, cell: path.endsWith("edit.action") };
  const choose = (chosen: string | null, record?: DataQuery | Workflow) =>
    onChange({
      type,
      ...(chosen ? { [idField]: chosen } : {}),
      values: startingValues(parametersOf(record), all),
    });
  const select = {
    "aria-label": type === "workflow" ? t`Workflow for ${label}` : t`Query of ${label}`,
    value: id,
    disabled,
    error: errors[joinPath(path, idField)] ?? errors[path],
    allowDeselect: false,
  };
  return (
    <Fieldset legend={label} variant="unstyled" className={schemaClasses.nested}>
      <Stack gap="sm">
        <Select
          aria-label={t`Type of ${label}`}
          data={kinds}
          value={type}
          allowDeselect={false}
          disabled={disabled}
          onChange={(next) => next && next !== type && onChange({ type: next, values: {} })}
        />
        {type === "workflow" ? (
          <ResourceSelect kind="workflow" placeholder={t`Select a workflow`} {...select} onChange={choose} />
        ) : (
          <ResourceSelect kind="dataquery" placeholder={t`Select a query`} {...select} onChange={choose} />
        )}
        {id && (
          <Values
            key={id}
            type={type}
            id={id}
            path={joinPath(path, "values")}
            values={values}
            offer={all}
            onChange={(next) => onChange({ ...action, type, values: next })}
          />
        )}
      </Stack>
    </Fieldset>
  );
}

function parametersOf(record: DataQuery | Workflow | undefined): readonly Parameter[] {
  if (!record) return [];
  return "parameters" in record ? record.parameters : record.inputs;
}

interface ValuesProps {
  type: "query" | "workflow";
  id: string;
  path: string;
  values: JsonObject;
  offer: Offer;
  onChange: (values: JsonObject) => void;
}

/** Edits a value for each parameter: text, with placeholders to select from. */
function Values({ type, id, path, values, offer, onChange }: ValuesProps) {
  const { errors, disabled } = useFormContext();
  const query = useOne("dataquery", type === "query" ? id : undefined);
  const workflow = useOne("workflow", type === "workflow" ? id : undefined);
  const record = type === "query" ? query : workflow;
  if (record.isLoading) return <Skeleton h={32} />;
  const parameters = parametersOf(record.data);
  if (parameters.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {record.error ? t`Could not load the parameters.` : t`No values required.`}
      </Text>
    );
  const placeholders = [
    ...(offer.cell ? ["{{ value }}"] : []),
    ...offer.fields.map((name) => placeholderFor("form", name)),
    ...offer.columns.map((name) => placeholderFor("row", name)),
  ];
  return (
    <div className={classes.values} role="group" aria-label={t`Values`}>
      {parameters.map((parameter) => {
        const { name, required, default: standard } = parameter;
        const hint =
          standard === null || standard === undefined
            ? required
              ? t`required`
              : t`empty`
            : JSON.stringify(standard);
        return (
          <Line key={name} name={name} required={required && (standard === null || standard === undefined)}>
            <Autocomplete
              size="xs"
              aria-label={t`Value of ${name}`}
              data={placeholders}
              value={valueText(values[name])}
              placeholder={hint}
              disabled={disabled}
              error={errors[joinPath(path, name)]}
              spellCheck={false}
              filter={({ options }) => options}
              onChange={(text) => {
                const { [name]: _, ...rest } = values;
                onChange(text === "" ? rest : { ...rest, [name]: valueFor(parameter, text) });
              }}
            />
          </Line>
        );
      })}
    </div>
  );
}

function Line({ name, required, children }: { name: string; required: boolean; children: React.ReactNode }) {
  return (
    <>
      <Text span ff="monospace" size="sm" truncate title={name}>
        {name}
        {required && <span aria-hidden> *</span>}
      </Text>
      {children}
    </>
  );
}

function WorkflowField(props: FieldProps) {
  const input = useInputProps(props);
  return (
    <ResourceSelect
      {...input}
      kind="workflow"
      placeholder={t`Select a workflow`}
      value={typeof props.value === "string" ? props.value : null}
      allowDeselect={false}
      onChange={(id) => props.onChange(id ?? undefined)}
    />
  );
}

/** Renders the settings of actions; `fields` are those of a form. */
export function actionRenderers(columns: readonly Column[], fields: unknown): Record<string, FieldRenderer> {
  const names = (Array.isArray(fields) ? fields : [])
    .filter(isObject)
    .flatMap(({ name }) => (typeof name === "string" && name ? [name] : []));
  const offer = { columns: columns.map(({ name }) => name), fields: names };
  return {
    action: (props) => <ActionField {...props} offer={offer} />,
    workflow: (props) => <WorkflowField {...props} />,
  };
}
