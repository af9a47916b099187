import { t } from "@lingui/core/macro";
import { MultiSelect } from "@mantine/core";
import { useInputProps, type FieldProps } from "@/domain/schema-form/context";
import { useCan } from "@/lib/api/me";
import type { Parameter } from "@/lib/api/model";
import { useList } from "@/lib/api/resources";
import { serverText } from "@/lib/i18n";
import { isObject } from "@/lib/is-object";
import { InputsEditor } from "../inputs-editor";

/**
 * Selects some of the tenant's roles by their ids. Values that are not a known role (a template, a name from an older
 * version) are kept.
 */
export function RolesField(props: FieldProps) {
  const can = useCan();
  const roles = useList("role", { sort: "name", limit: 200 }, { enabled: can("role:list") });
  const chosen = Array.isArray(props.value)
    ? props.value.filter((role): role is string => typeof role === "string")
    : [];
  const known = (roles.items ?? []).map(({ id, name }) => ({ value: id, label: serverText(name) }));
  const others = chosen
    .filter((role) => !known.some(({ value }) => value === role))
    .map((role) => ({ value: role, label: serverText(role) }));
  return (
    <MultiSelect
      {...useInputProps(props)}
      data={[...known, ...others]}
      value={chosen}
      searchable
      clearable
      placeholder={chosen.length ? "" : t`Everyone who can execute the workflow`}
      onChange={(next) => props.onChange(next.length ? next : undefined)}
    />
  );
}

/** Edits the fields of an approval: name and type, like a workflow's inputs. */
export function ParametersField(props: FieldProps) {
  const { label, description, error } = useInputProps(props);
  const fields = Array.isArray(props.value)
    ? props.value
        .filter(isObject)
        .map(
          (field) =>
            ({ type: "string", required: false, default: null, description: "", ...field }) as Parameter,
        )
    : [];
  return (
    <InputsEditor
      inputs={fields}
      label={label ?? t`Form`}
      description={description}
      error={error}
      prefix="field"
      add={t`Add field`}
      onChange={(next) => props.onChange(next.length ? next : undefined)}
    />
  );
}
