import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import {
  ActionIcon,
  Autocomplete,
  Button,
  Checkbox,
  Fieldset,
  Group,
  Input,
  Select,
  Skeleton,
  Stack,
  Text,
} from "@mantine/core";
import { IconForms, IconPlus, IconTrash } from "@tabler/icons-react";
import { useContext } from "react";
import { onlyReads } from "@/domain/records/changes-data";
import { ResourceSelect, UnsavedQueryContext } from "@/domain/records/resource-select";
import { useFormContext, type FieldProps, type FieldRenderer } from "@/domain/schema-form/context";
import { RecordField } from "@/domain/schema-form/record-fields";
import schemaClasses from "@/domain/schema-form/schema-form.module.css";
import type { Column, DataQuery, JsonObject, Parameter, Workflow } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { isObject } from "@/lib/is-object";
import { joinPath } from "@/lib/schema/paths";
import { placeholderFor } from "@/lib/templates/placeholders";
import { objectsOf } from "../../kinds/config";
import { startingValues, valueFor, valueText } from "./action-values";
import { needsValue } from "./required-values";
import { ConditionsEditor, userNames } from "../conditions-editor";
import { DestinationField, WidgetsField } from "./destination-fields";
import { fieldless, withConfirmation, withFields, withValues } from "../generated-fields";
import classes from "../widget-form.module.css";

const kinds = [
  { value: "query", label: t`Run a query` },
  { value: "workflow", label: t`Start a workflow` },
];
const opening = { value: "open", label: t`Open a widget, a dashboard or a page` };

/** Whether others run after the action at a path. */
type IsFollowed = (path: string) => boolean;

interface Offer {
  /** The columns and form fields that values may be taken from. */
  columns: string[];
  fields: string[];
  /** Whether it edits a cell, so that the entered value is available. */
  cell: boolean;
}

const placeholdersOf = ({ fields, columns, cell }: Offer): string[] => [
  ...(cell ? ["{{ value }}"] : []),
  ...fields.map((name) => placeholderFor("form", name)),
  ...columns.map((name) => placeholderFor("row", name)),
];

/** Adds fields for parameters to the form that is being edited; null for other widgets. */
type AddFields = ((path: string, parameters: readonly Parameter[], values: JsonObject) => void) | null;

/** Sets an action that runs a query that changes data, and its confirmation. */
type Confirmed = (path: string, action: JsonObject, query: DataQuery) => void;

interface ActionFieldProps extends FieldProps {
  offer: Omit<Offer, "cell">;
  addFields: AddFields;
  onWriting: Confirmed;
  isFollowed: IsFollowed;
}

/** Edits an action: what it runs, with which values. */
function ActionField({ offer, isFollowed, addFields, onWriting, ...props }: ActionFieldProps) {
  const { errors } = useFormContext();
  const { path, label, value, onChange } = props;
  const action = isObject(value) ? value : {};
  const type = action["type"] === "workflow" ? "workflow" : "query";
  const isOpening = action["type"] === "open";
  const idField = type === "workflow" ? "workflowID" : "queryID";
  const id = typeof action[idField] === "string" ? action[idField] : null;
  const values = isObject(action["values"]) ? action["values"] : {};
  const all: Offer = { ...offer, cell: path.endsWith("edit.action") };
  const choose = (chosen: string | null, record?: DataQuery | Workflow) => {
    const next = {
      type,
      ...(chosen ? { [idField]: chosen } : {}),
      values: startingValues(parametersOf(record), all),
    };
    const isConfirmable = /^config\.(?:rowActions\[\d+\]\.)?action$/.test(path);
    if (record && "changesData" in record && record.changesData && isConfirmable)
      onWriting(path, next, record);
    else onChange(next);
  };
  const select = {
    "aria-label": type === "workflow" ? t`Workflow for ${label}` : t`Query of ${label}`,
    value: id,
    error: errors[joinPath(path, idField)] ?? errors[path],
  };
  return (
    <Fieldset legend={label} variant="unstyled" className={schemaClasses.nested}>
      <Stack gap="sm">
        <Select
          aria-label={t`Type of ${label}`}
          data={/edit\.action$|\.then\b/.test(path) ? kinds : [...kinds, opening]}
          value={isOpening ? "open" : type}
          error={errors[joinPath(path, "type")]}
          onChange={(next) =>
            next &&
            next !== action["type"] &&
            onChange(next === "open" ? { type: next } : { type: next, values: {} })
          }
        />
        {isOpening ? (
          <DestinationField
            {...props}
            path={joinPath(path, "to")}
            label={t`What to open`}
            schema={{}}
            required
            value={action["to"]}
            placeholders={placeholdersOf(all)}
            onChange={(to) => onChange({ type: "open", to })}
          />
        ) : type === "workflow" ? (
          <ResourceSelect kind="workflow" placeholder={t`Select a workflow`} {...select} onChange={choose} />
        ) : (
          <ResourceSelect kind="dataquery" placeholder={t`Select a query`} {...select} onChange={choose} />
        )}
        {id && !isOpening && (
          <Values
            key={id}
            type={type}
            id={id}
            path={joinPath(path, "values")}
            values={values}
            offer={all}
            onChange={(next) => onChange({ ...action, type, values: next })}
            onAddFields={addFields && ((missing) => addFields(path, missing, values))}
          />
        )}
        {id && type === "query" && isFollowed(path) && (
          <Checkbox
            size="xs"
            label={t`Run the next action even if no rows change`}
            checked={action["mayChangeNothing"] === true}
            onChange={(event) => onChange({ ...action, type, mayChangeNothing: event.currentTarget.checked })}
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
  /** Null where values are not entered in fields. */
  onAddFields: ((parameters: readonly Parameter[]) => void) | null;
}

/** Edits a value for each parameter: text, with placeholders to select from. */
function Values({ type, id, path, values, offer, onChange, onAddFields }: ValuesProps) {
  const { errors } = useFormContext();
  const unsaved = useContext(UnsavedQueryContext);
  const local = type === "query" && unsaved?.id === id ? unsaved : null;
  const query = useOne("dataquery", type === "query" && !local ? id : undefined);
  const workflow = useOne("workflow", type === "workflow" ? id : undefined);
  const record = type === "query" ? query : workflow;
  if (record.isLoading) return <Skeleton h={32} />;
  const parameters = local ? local.parameters : parametersOf(record.data);
  const isWriting = (local ?? query.data)?.changesData === true;
  if (parameters.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {record.error ? t`Could not load the parameters.` : t`No values required.`}
      </Text>
    );
  const placeholders = placeholdersOf(offer);
  const missing = onAddFields ? fieldless(parameters, values) : [];
  return (
    <div className={classes.values} role="group" aria-label={t`Values`}>
      {missing.length > 0 && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconForms size={14} />}
          style={{ gridColumn: "1 / -1", justifySelf: "start" }}
          onClick={() => onAddFields?.(missing)}
        >
          {plural(missing.length, {
            one: "Add a field for # parameter",
            other: "Add fields for # parameters",
          })}
        </Button>
      )}
      {parameters.map((parameter) => {
        const { name, default: standard } = parameter;
        const hasDefault = standard !== null && standard !== undefined;
        const required = needsValue(parameter, isWriting);
        const hint = hasDefault ? JSON.stringify(standard) : required ? t`required` : t`empty`;
        return (
          <Line key={name} name={name} required={required}>
            <Autocomplete
              size="xs"
              aria-label={t`Value of ${name}`}
              data={placeholders}
              value={valueText(values[name])}
              placeholder={hint}
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

/** Edits the actions that run one after the other. */
function ActionsField({ offer, isFollowed, addFields, onWriting, ...props }: ActionFieldProps) {
  const { errors } = useFormContext();
  const { path, label, schema, value, onChange } = props;
  const list: unknown[] = Array.isArray(value) ? value : [];
  return (
    <Input.Wrapper label={label} labelElement="div" description={schema.description} error={errors[path]}>
      <Stack gap="md" mt={4}>
        {list.map((one, index) => {
          const words = t`Action ${index + 2}`;
          return (
            <Group key={index} gap={4} wrap="nowrap" align="flex-start">
              <div style={{ flex: 1, minWidth: 0 }}>
                <ActionField
                  {...props}
                  offer={offer}
                  isFollowed={isFollowed}
                  addFields={addFields}
                  onWriting={onWriting}
                  path={joinPath(path, index)}
                  label={words}
                  value={one}
                  onChange={(next) => onChange(list.map((old, at) => (at === index ? next : old)))}
                />
              </div>
              <ActionIcon
                size={28}
                aria-label={t`Remove ${words}`}
                onClick={() => onChange(list.filter((_, at) => at !== index))}
              >
                <IconTrash size={14} />
              </ActionIcon>
            </Group>
          );
        })}
        {list.length < 5 && (
          <div>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPlus size={14} />}
              onClick={() => onChange([...list, { type: "query", values: {} }])}
            >
              <Trans>Add action</Trans>
            </Button>
          </div>
        )}
      </Stack>
    </Input.Wrapper>
  );
}

/** Edits the conditions of an action: what they compare depends on where it is. */
function ConditionsField({ offer, ...props }: FieldProps & { offer: Omit<Offer, "cell"> }) {
  const { errors, describe } = useFormContext();
  const { path, label, value, schema, onChange } = props;
  return (
    <ConditionsEditor
      label={label}
      description={describe(schema.description)}
      path={path}
      value={value}
      errors={errors}
      names={{
        row: offer.columns,
        ...(offer.fields.length ? { form: offer.fields } : {}),
        vars: [],
        user: userNames,
      }}
      onChange={onChange}
    />
  );
}

/** Renders the settings of actions, for the columns of the data and the fields of a form. */
export function actionRenderers(
  columns: readonly Column[],
  config: JsonObject,
  onConfig: (config: JsonObject) => void,
  /** Whether it is a form, to which fields can be added. */
  isForm: boolean,
): Record<string, FieldRenderer> {
  const names = objectsOf(config, "fields").flatMap(({ name }) =>
    typeof name === "string" && name ? [name] : [],
  );
  const offer = { columns: columns.map(({ name }) => name), fields: names };
  const isFollowed = followedIn(config);
  const addFields: AddFields = isForm
    ? (path, parameters, values) => {
        const added = withFields(config, parameters, values);
        onConfig({ ...withValues(config, path, added.values), fields: added.fields });
      }
    : null;
  const onWriting: Confirmed = (path, action, query) =>
    onConfig(withConfirmation(config, path, action, query));
  const given = { offer, isFollowed, addFields, onWriting };
  const placeholders = placeholdersOf({ ...offer, cell: false });
  return {
    action: (props) => <ActionField {...props} {...given} />,
    actions: (props) => <ActionsField {...props} {...given} />,
    conditions: (props) => <ConditionsField {...props} offer={offer} />,
    query: (props) => (
      <RecordField {...props} kind="dataquery" placeholder={t`Select a query`} accepts={onlyReads} />
    ),
    destination: (props) => <DestinationField {...props} placeholders={placeholders} />,
    widgets: (props) => <WidgetsField {...props} />,
    workflow: (props) => <RecordField {...props} kind="workflow" placeholder={t`Select a workflow`} />,
  };
}

/** Returns which actions of a config others run after. */
function followedIn(config: JsonObject): IsFollowed {
  const count = (holder: JsonObject | undefined) => (holder ? objectsOf(holder, "then").length : 0);
  return (path) => {
    const row = Number(/rowActions\W(\d+)/.exec(path)?.[1] ?? -1);
    const then = count(row < 0 ? config : objectsOf(config, "rowActions")[row]);
    const place = Number(/then\W(\d+)\W?$/.exec(path)?.[1] ?? -1);
    return place + 1 < then;
  };
}
