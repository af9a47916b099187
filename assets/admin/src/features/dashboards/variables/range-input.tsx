import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import {
  Button,
  Group,
  NativeSelect,
  NumberInput,
  Popover,
  Text,
  TextInput,
  UnstyledButton,
} from "@mantine/core";
import { IconCalendar, IconCheck } from "@tabler/icons-react";
import { useState } from "react";
import {
  asRange,
  lastOf,
  MOST,
  presets,
  units,
  wordsOfRange,
  type DateRange,
  type Unit,
} from "@/lib/format/dates/date-ranges";
import classes from "./range-input.module.css";

type Range = DateRange | string;

interface RangeInputProps {
  label: string;
  value: unknown;
  /** Whether it may be left open. */
  clearable?: boolean;
  fullWidth?: boolean;
  onChange: (value: Range | null) => void;
}

/** Edits a range of days: a relative one, or two dates. */
export function RangeInput({
  label,
  value,
  clearable = false,
  fullWidth = false,
  onChange,
}: RangeInputProps) {
  const [opened, setOpened] = useState(false);
  const words = wordsOfRange(value) || t`Any time`;
  const choose = (next: Range | null) => {
    setOpened(false);
    onChange(next);
  };
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-start"
      trapFocus
      returnFocus
      shadow="md"
      width={280}
    >
      <Popover.Target>
        <Button
          size="xs"
          variant="default"
          fw={400}
          justify="flex-start"
          fullWidth={fullWidth}
          leftSection={<IconCalendar size={14} />}
          aria-label={`${label}: ${words}`}
          onClick={() => setOpened(!opened)}
        >
          {words}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={label}>
        <ul className={classes.presets}>
          {presets.map((preset) => (
            <Preset key={preset} chosen={preset === value} onChoose={() => choose(preset)}>
              {wordsOfRange(preset)}
            </Preset>
          ))}
          {clearable && (
            <Preset chosen={!value} onChoose={() => choose(null)}>
              {t`Any time`}
            </Preset>
          )}
        </ul>
        <LastSome value={value} onChoose={choose} />
        <TwoDays value={asRange(value)} onChoose={choose} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Preset({ chosen, onChoose, children }: { chosen: boolean; onChoose: () => void; children: string }) {
  return (
    <li>
      <UnstyledButton
        className={classes.preset}
        aria-pressed={chosen}
        data-autofocus={chosen || undefined}
        onClick={onChoose}
      >
        {children}
        {chosen && <IconCheck size={14} aria-hidden />}
      </UnstyledButton>
    </li>
  );
}

const unitWords = (): Record<Unit, string> => ({ days: t`days`, weeks: t`weeks`, months: t`months` });

function LastSome({ value, onChoose }: { value: unknown; onChoose: (value: string) => void }) {
  const known = typeof value === "string" ? lastOf(value) : null;
  const [count, setCount] = useState<number | string>(known?.count ?? 14);
  const [unit, setUnit] = useState<Unit>(known?.unit ?? "days");
  const words = unitWords();
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    if (typeof count === "number") onChoose(`last-${count}-${unit}`);
  };
  return (
    <form className={classes.part} onSubmit={submit} aria-label={t`Relative range`}>
      <Text size="xs" c="dimmed" mb={4}>
        <Trans>Last…</Trans>
      </Text>
      <Group gap={6} wrap="nowrap">
        <NumberInput
          size="xs"
          flex={1}
          miw={0}
          aria-label={t`Count`}
          min={1}
          max={MOST}
          clampBehavior="strict"
          allowDecimal={false}
          hideControls
          value={count}
          onChange={setCount}
        />
        <NativeSelect
          size="xs"
          flex={1}
          miw={0}
          aria-label={t`Unit`}
          data={units.map((one) => ({ value: one, label: words[one] }))}
          value={unit}
          onChange={(event) => setUnit(event.currentTarget.value as Unit)}
        />
        <Button
          size="xs"
          variant="default"
          type="submit"
          flex="none"
          disabled={typeof count !== "number" || count < 1}
        >
          <Trans>Apply</Trans>
        </Button>
      </Group>
    </form>
  );
}

function TwoDays({ value, onChoose }: { value: DateRange | null; onChoose: (value: DateRange) => void }) {
  const [{ from, to }, setDays] = useState<DateRange>(value ?? { from: "", to: "" });
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    if (from && to) onChoose(from <= to ? { from, to } : { from: to, to: from });
  };
  return (
    <form className={classes.part} onSubmit={submit} aria-label={t`Custom range`}>
      <Group gap={6} wrap="nowrap" align="flex-end">
        <TextInput
          size="xs"
          flex={1}
          miw={0}
          type="date"
          label={t`Start date`}
          value={from}
          onChange={(event) => setDays({ from: event.currentTarget.value, to })}
        />
        <TextInput
          size="xs"
          flex={1}
          miw={0}
          type="date"
          label={t`End date`}
          value={to}
          onChange={(event) => setDays({ from, to: event.currentTarget.value })}
        />
      </Group>
      <Button mt={8} size="xs" variant="default" type="submit" fullWidth disabled={!from || !to}>
        <Trans>Apply</Trans>
      </Button>
    </form>
  );
}
