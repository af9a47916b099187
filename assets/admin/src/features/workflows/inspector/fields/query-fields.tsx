import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Anchor, Group, Skeleton, Stack, Text } from "@mantine/core";
import { IconExternalLink, IconTrash } from "@tabler/icons-react";
import { useEffect, useEffectEvent, useState } from "react";
import { Link } from "react-router";
import { wordOfType } from "@/domain/schema-form/parameter-types";
import { RecordField } from "@/domain/schema-form/record-fields";
import { useFormContext, type FieldProps } from "@/domain/schema-form/context";
import { followMade } from "@/lib/api/changes";
import { useCan } from "@/lib/api/me";
import type { JsonObject, Parameter } from "@/lib/api/model";
import { collections, useOne } from "@/lib/api/resources";
import { isObject } from "@/lib/is-object";
import { joinPath } from "@/lib/schema/paths";
import { useTenantID, useTenantLink } from "@/lib/tenant";
import { useNodeForm } from "./node-form-context";
import { ValueInput } from "./text-fields";

/** Selects a query of the library, or opens the editor for a new one in another tab and selects what is saved there. */
export function QueryField(props: FieldProps) {
  const link = useTenantLink();
  const tenantID = useTenantID();
  const mayCreate = useCan()("dataquery:create");
  const [waiting, setWaiting] = useState(false);
  const { value, onChange } = props;
  const select = useEffectEvent((id: string) => {
    setWaiting(false);
    onChange(id);
  });
  useEffect(() => (waiting ? followMade(tenantID, "dataquery", select) : undefined), [waiting, tenantID]);
  return (
    <Stack gap={4}>
      <RecordField {...props} kind="dataquery" placeholder={t`Select a query`} />
      <Group gap="md">
        {chosenID(value) && (
          <OpenLink to={link(collections.dataquery, chosenID(value) ?? "")}>
            <Trans>Open the query</Trans>
          </OpenLink>
        )}
        {mayCreate && (
          <OpenLink to={link(collections.dataquery, "new")} onClick={() => setWaiting(true)}>
            <Trans>New query</Trans>
          </OpenLink>
        )}
      </Group>
      {waiting ? (
        <Text size="xs" c="dimmed" role="status">
          <Trans>The query that you save in the other tab will be selected here.</Trans>
        </Text>
      ) : (
        !chosenID(value) && (
          <Text size="xs" c="dimmed">
            <Trans>Lists the queries of the library. Move a dashboard’s query there to use it here.</Trans>
          </Text>
        )
      )}
    </Stack>
  );
}

/** Selects one of the tenant's workflows, with a link to open it. */
export function WorkflowField(props: FieldProps) {
  const link = useTenantLink();
  const id = chosenID(props.value);
  return (
    <Stack gap={4}>
      <RecordField {...props} kind="workflow" placeholder={t`Select a workflow`} />
      {id && (
        <OpenLink to={link(collections.workflow, id)}>
          <Trans>Open the workflow</Trans>
        </OpenLink>
      )}
    </Stack>
  );
}

const chosenID = (value: unknown): string | null => (typeof value === "string" && value ? value : null);

interface OpenLinkProps {
  to: string;
  onClick?: () => void;
  children: React.ReactNode;
}

/** A link to another page that leaves the editor open. */
function OpenLink({ to, onClick, children }: OpenLinkProps) {
  return (
    <Anchor component={Link} to={to} target="_blank" size="xs" c="dimmed" {...(onClick ? { onClick } : {})}>
      <Group gap={4} component="span">
        {children}
        <IconExternalLink size={12} aria-hidden />
      </Group>
    </Anchor>
  );
}

/** Edits a value for each parameter that the selected query declares. */
export function QueryParametersField(props: FieldProps) {
  const { config } = useNodeForm();
  const queryID = typeof config["queryID"] === "string" && config["queryID"] ? config["queryID"] : undefined;
  const query = useOne("dataquery", queryID);
  if (!queryID) return null;
  if (query.isLoading) return <Skeleton h={52} />;
  return (
    <DeclaredValues
      {...props}
      of={queryID}
      declared={query.data?.parameters ?? []}
      nothing={query.error ? t`Could not load the query.` : t`This query has no parameters.`}
      undeclared={(name) => (
        <Trans>
          <b>{name}</b> has a value, but the query does not declare it.
        </Trans>
      )}
    />
  );
}

/** Edits a value for each input that the selected workflow declares. */
export function WorkflowInputsField(props: FieldProps) {
  const { config } = useNodeForm();
  const workflowID =
    typeof config["workflowID"] === "string" && config["workflowID"] ? config["workflowID"] : undefined;
  const workflow = useOne("workflow", workflowID);
  if (!workflowID) return null;
  if (workflow.isLoading) return <Skeleton h={52} />;
  return (
    <DeclaredValues
      {...props}
      of={workflowID}
      declared={workflow.data?.inputs ?? []}
      nothing={workflow.error ? t`Could not load the workflow.` : t`This workflow has no inputs.`}
      undeclared={(name) => (
        <Trans>
          <b>{name}</b> has a value, but the workflow does not declare it.
        </Trans>
      )}
    />
  );
}

interface DeclaredValuesProps extends FieldProps {
  /** The id of the query or workflow: its fields are reset when another one is selected. */
  of: string;
  declared: readonly Parameter[];
  /** Shown if there are none. */
  nothing: string;
  /** Renders a value that is not declared. */
  undeclared: (name: string) => React.ReactNode;
}

function DeclaredValues({ of, declared, nothing, undeclared, ...props }: DeclaredValuesProps) {
  const values = isObject(props.value) ? props.value : {};
  const others = Object.keys(values).filter((name) => !declared.some((parameter) => parameter.name === name));
  return (
    <Stack gap="sm">
      <Text fw={500} size="sm">
        {props.label}
      </Text>
      {declared.length === 0 && others.length === 0 && (
        <Text size="sm" c="dimmed">
          {nothing}
        </Text>
      )}
      {declared.map((parameter) => (
        <ParameterInput
          key={`${of} ${parameter.name}`}
          parameter={parameter}
          values={values}
          path={props.path}
          onChange={props.onChange}
        />
      ))}
      {others.map((name) => (
        <Group key={name} gap="xs" justify="space-between" wrap="nowrap">
          <Text size="sm" c="dimmed" truncate>
            {undeclared(name)}
          </Text>
          <ActionIcon aria-label={t`Remove ${name}`} onClick={() => props.onChange(without(values, name))}>
            <IconTrash size={16} />
          </ActionIcon>
        </Group>
      ))}
    </Stack>
  );
}

function without(values: JsonObject, name: string): JsonObject {
  const { [name]: _, ...rest } = values;
  return rest;
}

interface ParameterInputProps {
  parameter: Parameter;
  values: JsonObject;
  path: string;
  onChange: (values: JsonObject) => void;
}

function ParameterInput({
  parameter: { name, type, required, default: standard, description },
  values,
  path,
  onChange,
}: ParameterInputProps) {
  const { errors } = useFormContext();
  const word = wordOfType(type);
  const hint =
    standard === null || standard === undefined ? word : t`${word}, default ${JSON.stringify(standard)}`;
  return (
    <ValueInput
      label={name}
      description={description || undefined}
      error={errors[joinPath(path, name)]}
      required={required && (standard === null || standard === undefined)}
      placeholder={hint}
      value={values[name]}
      onChange={(value) =>
        onChange(value === undefined ? without(values, name) : { ...values, [name]: value })
      }
    />
  );
}
