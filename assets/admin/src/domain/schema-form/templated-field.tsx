import { t } from "@lingui/core/macro";
import { ActionIcon, TextInput, Tooltip } from "@mantine/core";
import { IconBraces } from "@tabler/icons-react";
import { useState } from "react";
import type { JsonSchema } from "@/lib/schema/json-schema";
import { isTemplate } from "@/lib/schema/schema-fields";
import { useInputProps, type FieldProps } from "./context";
import { SchemaField } from "./schema-field";
import classes from "./schema-form.module.css";

/** Edits a typed value that may also be a template; a button switches between both. */
export function TemplatedField({ typed, ...props }: FieldProps & { typed: JsonSchema }) {
  const { value, onChange, label, bare = false } = props;
  const input = useInputProps(props);
  const isText = isTemplate(typed, value);
  const [writing, setWriting] = useState(isText);
  const asText = writing || isText;
  const toggle = () => {
    setWriting(!asText);
    onChange(undefined);
  };
  const word = asText ? t`Enter a value` : t`Use a template`;
  return (
    <div className={classes.templated}>
      {asText ? (
        <TextInput
          {...input}
          classNames={{ input: classes.mono ?? "" }}
          placeholder="{{ params.name }}"
          spellCheck={false}
          autoComplete="off"
          value={typeof value === "string" ? value : ""}
          onChange={(event) => onChange(event.currentTarget.value || undefined)}
        />
      ) : (
        <SchemaField {...props} schema={typed} />
      )}
      <Tooltip label={word}>
        <ActionIcon
          size={bare ? 32 : 22}
          className={classes.templateToggle}
          data-bare={bare || undefined}
          aria-label={asText ? t`Enter a value for ${label}` : t`Use a template for ${label}`}
          aria-pressed={asText}
          variant={asText ? "light" : "subtle"}
          color={asText ? "accent" : "gray"}
          onClick={toggle}
        >
          <IconBraces size={14} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
