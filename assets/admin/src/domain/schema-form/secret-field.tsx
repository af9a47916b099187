import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Input, PasswordInput, Text, Textarea } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useState } from "react";
import { prose } from "@/ui/text/prose";
import { useFormContext, useInputProps, type FieldProps } from "./context";
import { FileText, isFileText } from "./file-text";
import classes from "./schema-form.module.css";

/** Edits a write-only value: absent keeps the stored one, null clears it, a text replaces it. */
export function SecretField(props: FieldProps) {
  const { path, value, onChange, schema } = props;
  const { secrets } = useFormContext();
  const input = useInputProps(props);
  const isSet = secrets.has(path);
  const [replacing, setReplacing] = useState(false);

  if (!isSet || replacing) {
    const undo = () => {
      setReplacing(false);
      onChange(undefined);
    };
    return (
      <Group gap="sm" align="flex-end" wrap="nowrap">
        <SecretInput {...props} />
        {isSet && (
          <Button variant="default" onClick={undo}>
            <Trans>Keep current value</Trans>
          </Button>
        )}
      </Group>
    );
  }
  const cleared = value === null;
  return (
    <Input.Wrapper
      label={props.label}
      labelElement="div"
      description={prose(schema.description)}
      error={input.error}
      withAsterisk={props.required}
    >
      <Group gap="sm" mih={32}>
        <IconLock size={16} aria-hidden />
        <Text size="sm" c="dimmed">
          {cleared ? t`Will be cleared when you save` : t`Set. The value cannot be shown again.`}
        </Text>
        <Button size="xs" variant="default" onClick={() => setReplacing(true)}>
          <Trans>Replace</Trans>
        </Button>
        {!props.required && (
          <Button
            size="xs"
            variant="subtle"
            color={cleared ? "accent" : "red"}
            onClick={() => onChange(cleared ? undefined : null)}
          >
            {cleared ? t`Keep` : t`Clear`}
          </Button>
        )}
      </Group>
    </Input.Wrapper>
  );
}

function SecretInput(props: FieldProps) {
  const { schema, value, onChange } = props;
  const input = useInputProps(props);
  const common = { ...input, value: typeof value === "string" ? value : "", flex: 1, spellCheck: false };
  const change = (text: string) => onChange(text || undefined);
  if (isFileText(schema)) return <FileText {...common} onText={change} />;
  if (schema["x-widget"] === "textarea")
    return (
      <Textarea
        {...common}
        autosize
        minRows={3}
        maxRows={10}
        classNames={{ input: classes.mono ?? "" }}
        onChange={(event) => change(event.currentTarget.value)}
      />
    );
  return (
    <PasswordInput
      {...common}
      autoComplete="new-password"
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}
