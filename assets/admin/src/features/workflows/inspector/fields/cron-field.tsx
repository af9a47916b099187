import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Menu, Select, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconChevronDown } from "@tabler/icons-react";
import { createContext, useContext, useMemo } from "react";
import { useInputProps, type FieldProps } from "@/domain/schema-form/context";
import { isApiError } from "@/lib/api/errors";
import { useCronPreview } from "@/lib/api/subjects/triggers";
import { formatTime } from "@/lib/format/format";
import classes from "./fields.module.css";

/** The time zone of the schedule around a field. */
export const TimezoneContext = createContext("UTC");

const examples = [
  ["* * * * *", t`Every minute`],
  ["*/15 * * * *", t`Every 15 minutes`],
  ["0 * * * *", t`Every hour`],
  ["0 9 * * *", t`Every day at 9:00`],
  ["0 9 * * 1-5", t`Monday to Friday at 9:00`],
  ["0 9 * * 1", t`Every Monday at 9:00`],
  ["0 9 1 * *", t`On the first of each month at 9:00`],
] as const;

/** Edits a cron expression; shows its description and its next runs. */
export function CronField(props: FieldProps) {
  const input = useInputProps(props);
  const text = typeof props.value === "string" ? props.value : "";
  return (
    <Stack gap={6}>
      <TextInput
        {...input}
        value={text}
        maxLength={200}
        spellCheck={false}
        autoComplete="off"
        classNames={{ input: classes.mono ?? "" }}
        onChange={(event) => props.onChange(event.currentTarget.value)}
        rightSection={
          <Menu position="bottom-end" width={280}>
            <Menu.Target>
              <ActionIcon aria-label={t`Examples`}>
                <IconChevronDown size={16} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {examples.map(([cron, words]) => (
                <Menu.Item key={cron} rightSection={<code>{cron}</code>} onClick={() => props.onChange(cron)}>
                  {words}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        }
      />
      <Preview cron={text} />
    </Stack>
  );
}

function Preview({ cron }: { cron: string }) {
  const timezone = useContext(TimezoneContext);
  const [asked] = useDebouncedValue(cron, 300);
  const { data, error } = useCronPreview(asked, timezone);
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (cron.trim() === "") return null;
  if (isApiError(error, "INVALID_REQUEST")) {
    return (
      <Text size="xs" c="var(--mantine-color-error)" role="alert">
        {error.message}
      </Text>
    );
  }
  if (!data) return null;
  return (
    <div aria-live="polite">
      <Text size="xs" c="var(--jet-muted)">
        {data.description}
      </Text>
      <ol aria-label={t`Next runs`} style={{ margin: "4px 0 0", paddingInlineStart: 18 }}>
        {data.times.map((time) => (
          <Text key={time} component="li" size="xs" className="tabular">
            {formatTime(time, timezone)}
            {here !== timezone && (
              <Text span size="xs" c="var(--jet-muted)">
                {` · ${formatTime(time)}`}
              </Text>
            )}
          </Text>
        ))}
      </ol>
      {data.times.length === 0 && (
        <Text size="xs">
          <Trans>This schedule never runs.</Trans>
        </Text>
      )}
    </div>
  );
}

/** Selects a time zone. */
export function TimezoneField(props: FieldProps) {
  const input = useInputProps(props);
  const value = typeof props.value === "string" ? props.value : "UTC";
  const zones = useMemo(() => [...new Set(["UTC", ...Intl.supportedValuesOf("timeZone"), value])], [value]);
  return (
    <Select
      {...input}
      data={zones}
      value={value}
      searchable
      limit={200}
      onChange={(zone) => zone && props.onChange(zone)}
    />
  );
}
