import { Trans } from "@lingui/react/macro";
import { Button, Fieldset, Group, Text } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { isObject } from "@/lib/is-object";
import { initialValue } from "@/lib/schema/schema-fields";
import { prose } from "@/ui/text/prose";
import { useFormContext, type FieldProps } from "./context";
import { ObjectFields } from "./object-fields";
import classes from "./schema-form.module.css";

/** Edits a nested object that may be absent as a whole. */
export function NestedField({ path, label, schema, required, value, onChange }: FieldProps) {
  const { root } = useFormContext();
  const optional = !required && schema.default === undefined;
  if (optional && !isObject(value)) {
    return (
      <Group>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} />}
          onClick={() => onChange(initialValue({ ...schema, default: undefined }, root) ?? {})}
        >
          {label}
        </Button>
      </Group>
    );
  }
  return (
    <Fieldset legend={label} variant="unstyled" className={classes.nested}>
      {schema.description && (
        <Text size="xs" c="var(--jet-muted)" mb="sm">
          {prose(schema.description)}
        </Text>
      )}
      <ObjectFields
        schema={schema}
        path={path}
        value={isObject(value) ? value : isObject(schema.default) ? schema.default : {}}
        onChange={onChange}
      />
      {optional && (
        <Button
          mt="sm"
          size="xs"
          variant="subtle"
          color="gray"
          leftSection={<IconX size={14} />}
          onClick={() => onChange(undefined)}
        >
          <Trans>Remove</Trans>
        </Button>
      )}
    </Fieldset>
  );
}
