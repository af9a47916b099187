import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import {
  ActionIcon,
  Button,
  Group,
  Input,
  PasswordInput,
  Stack,
  Text,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { IconLock, IconLockOpen } from "@tabler/icons-react";
import { useRowIds } from "@/lib/draft";
import { isObject } from "@/lib/is-object";
import { isStoredEntry } from "@/lib/schema/destination";
import type { JsonSchema } from "@/lib/schema/json-schema";
import { joinPath } from "@/lib/schema/paths";
import { MoveHandle, movedTo, useReorder } from "@/ui/input/reorder";
import { prose } from "@/ui/text/prose";
import { AddButton, RemoveButton } from "./collection-fields";
import { useFormContext, type FieldProps } from "./context";
import classes from "./schema-form.module.css";

type Entry = Record<string, unknown>;

/** Whether the items of a list are names and values that can be marked as secret. */
export const areEntries = ({ properties }: JsonSchema): boolean =>
  ["name", "value", "secret"].every((name) => properties?.[name] !== undefined);

const textOf = (value: unknown) => (typeof value === "string" ? value : "");

/** Edits names and values, one line each; a lock marks values that are never shown again. */
export function EntriesField(props: FieldProps) {
  const { errors } = useFormContext();
  const { path, label, schema, required, value, onChange } = props;
  const list = (Array.isArray(value) ? value : []).map((entry): Entry => (isObject(entry) ? entry : {}));
  const ids = useRowIds(Array.isArray(value) ? value : []);
  const set = (index: number, entry: Entry) => onChange(list.map((old, at) => (at === index ? entry : old)));
  const reorder = useReorder(list.length, (from, to) => onChange(movedTo(list, from, to)));
  return (
    <Input.Wrapper
      label={label}
      labelElement="div"
      description={prose(schema.description)}
      error={errors[path]}
      withAsterisk={required}
    >
      <Stack gap="sm">
        {list.map((entry, index) => (
          <div
            key={ids[index]}
            {...reorder.row(index)}
            role="group"
            aria-label={`${label} ${index + 1}`}
            className={classes.row}
          >
            <Line entry={entry} path={joinPath(path, index)} onChange={(next) => set(index, next)} />
            <MoveHandle {...reorder.handle(index)} label={`${label} ${index + 1}`} disabled={disabled} />
            <RemoveButton
              label={`${label} ${index + 1}`}
              onClick={() => onChange(list.filter((_, at) => at !== index))}
            />
          </div>
        ))}
        <AddButton onClick={() => onChange([...list, { name: "", value: "" }])} />
      </Stack>
    </Input.Wrapper>
  );
}

function Line({ entry, path, onChange }: { entry: Entry; path: string; onChange: (entry: Entry) => void }) {
  const { errors } = useFormContext();
  const name = textOf(entry["name"]);
  const secret = entry["secret"] === true;
  const stored = isStoredEntry(entry);
  const value = textOf(entry["value"]);
  const error = errors[joinPath(path, "value")];
  const input = {
    "aria-label": t`Value`,
    placeholder: t`Value`,
    value,
    error,
    maxLength: 8000,
    spellCheck: false,
  };
  // A stored value belongs to its name: after a rename it must be entered again.
  const rename = (next: string) => onChange({ ...entry, name: next, value });
  // A stored secret cannot be shown: when it is unlocked, it must be entered again.
  const lock = () => onChange(secret ? { name, value: stored ? "" : value } : { name, value, secret: true });
  return (
    <div className={classes.row}>
      <div className={classes.cells}>
        <TextInput
          aria-label={t`Name`}
          placeholder={t`Name`}
          value={name}
          error={errors[joinPath(path, "name")]}
          maxLength={200}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => rename(event.currentTarget.value)}
        />
        {stored ? (
          <Input.Wrapper error={error}>
            <Group gap="sm" mih={32} wrap="nowrap">
              <Text size="sm" c="dimmed">
                <Trans>Set. The value cannot be shown again.</Trans>
              </Text>
              <Button size="xs" variant="default" onClick={() => onChange({ ...entry, value: "" })}>
                <Trans>Replace</Trans>
              </Button>
            </Group>
          </Input.Wrapper>
        ) : secret ? (
          <PasswordInput
            {...input}
            autoComplete="new-password"
            onChange={(event) => onChange({ ...entry, value: event.currentTarget.value })}
          />
        ) : (
          <TextInput
            {...input}
            autoComplete="off"
            onChange={(event) => onChange({ ...entry, value: event.currentTarget.value })}
          />
        )}
      </div>
      <Tooltip
        label={
          secret ? t`The value is secret` : t`The value is visible to everyone who can view this datasource`
        }
      >
        <ActionIcon
          size={32}
          variant={secret ? "light" : "subtle"}
          aria-label={t`Secret`}
          aria-pressed={secret}
          onClick={lock}
        >
          {secret ? <IconLock size={16} /> : <IconLockOpen size={16} />}
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
