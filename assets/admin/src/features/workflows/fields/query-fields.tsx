import { ActionIcon, Anchor, Group, Skeleton, Stack, Text } from "@mantine/core";
import { IconExternalLink, IconTrash } from "@tabler/icons-react";
import { Link } from "react-router";
import { useOne } from "@/lib/api/resources";
import type { JsonObject, Parameter } from "@/lib/api/model";
import { joinPath } from "@/lib/paths";
import { useTenantLink } from "@/lib/tenant";
import { ResourceSelect } from "@/ui/resource-select";
import { isObject, useFormContext, useInputProps, type FieldProps } from "@/ui/schema-form/context";
import { useNodeForm } from "./node-form-context";
import { ValueInput } from "./text-fields";

export function QueryField(props: FieldProps) {
  const link = useTenantLink();
  const input = useInputProps(props);
  const id = typeof props.value === "string" && props.value ? props.value : null;
  return (
    <Stack gap={4}>
      <ResourceSelect {...input} kind="dataquery" value={id} placeholder="Choose a query" onChange={(next) => props.onChange(next ?? undefined)} />
      {id && (
        <Anchor component={Link} to={link("data-queries", id)} target="_blank" size="xs" c="dimmed">
          <Group gap={4} component="span">
            Open the query <IconExternalLink size={12} aria-hidden />
          </Group>
        </Anchor>
      )}
    </Stack>
  );
}

/** A value for each parameter that the chosen query declares. */
export function QueryParametersField(props: FieldProps) {
  const { config } = useNodeForm();
  const queryID = typeof config["queryID"] === "string" && config["queryID"] ? config["queryID"] : undefined;
  const query = useOne("dataquery", queryID);
  const values = isObject(props.value) ? props.value : {};
  if (!queryID) return null;
  if (query.isLoading) return <Skeleton h={52} />;
  const declared = query.data?.parameters ?? [];
  const others = Object.keys(values).filter((name) => !declared.some((parameter) => parameter.name === name));
  return (
    <Stack gap="sm">
      <Text fw={500} size="sm">
        {props.label}
      </Text>
      {declared.length === 0 && others.length === 0 && (
        <Text size="sm" c="dimmed">
          {query.error ? "The query could not be read." : "This query takes no parameters."}
        </Text>
      )}
      {declared.map((parameter) => (
        <ParameterInput key={`${queryID} ${parameter.name}`} parameter={parameter} values={values} path={props.path} onChange={props.onChange} />
      ))}
      {others.map((name) => (
        <Group key={name} gap="xs" justify="space-between" wrap="nowrap">
          <Text size="sm" c="dimmed" truncate>
            <b>{name}</b> is set, but the query does not declare it
          </Text>
          <ActionIcon aria-label={`Remove ${name}`} onClick={() => props.onChange(without(values, name))}>
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

function ParameterInput({ parameter: { name, type, required, default: standard, description }, values, path, onChange }: ParameterInputProps) {
  const { errors, disabled } = useFormContext();
  const hint = standard === null || standard === undefined ? type : `${type}, ${JSON.stringify(standard)} when empty`;
  return (
    <ValueInput
      label={name}
      description={description || undefined}
      error={errors[joinPath(path, name)]}
      required={required && (standard === null || standard === undefined)}
      disabled={disabled}
      placeholder={hint}
      value={values[name]}
      onChange={(value) => onChange(value === undefined ? without(values, name) : { ...values, [name]: value })}
    />
  );
}
