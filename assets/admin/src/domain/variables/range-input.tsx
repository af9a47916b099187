import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import {
  Button,
  Flex,
  Group,
  NativeSelect,
  NumberInput,
  Popover,
  Text,
  TextInput,
  UnstyledButton,
} from "@mantine/core";
import { IconCalendar, IconCheck, IconClock } from "@tabler/icons-react";
import { useState } from "react";
import { dayLimits, momentLimits } from "@/lib/format/dates/calendar";
import {
  asRange,
  lastOf,
  MOST,
  presets,
  timeUnits,
  units,
  wordsOfRange,
  type DateRange,
  type Unit,
} from "@/lib/format/dates/date-ranges";
import {
  inputOf,
  momentOfInput,
  momentsOf,
  timePresets,
  wordsOfMoments,
} from "@/lib/format/dates/time-ranges";
import classes from "./range-input.module.css";

type Range = DateRange | string;

interface RangeInputProps {
  label: string;
  value: unknown;
  /** Whether it has times: its ends are moments instead of days. */
  times?: boolean;
  /** IANA time zone of the times; that of the reader if absent. */
  zone?: string | undefined;
  /** Whether it may be left open. */
  clearable?: boolean;
  fullWidth?: boolean;
  onChange: (value: Range | null) => void;
}

/** Edits a range of days or moments: a relative one, or its two ends. */
export function RangeInput(props: RangeInputProps) {
  const { label, value, times = false, zone, clearable = false, fullWidth = false, onChange } = props;
  const [opened, setOpened] = useState(false);
  const wordsOf = (range: unknown) => (times ? wordsOfMoments(range, zone) : wordsOfRange(range));
  const words = wordsOf(value) || t`Any time`;
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
      width={times ? undefined : 280}
    >
      <Popover.Target>
        <Button
          size="xs"
          variant="default"
          fw={400}
          justify="flex-start"
          fullWidth={fullWidth}
          leftSection={times ? <IconClock size={14} /> : <IconCalendar size={14} />}
          aria-label={`${label}: ${words}`}
          onClick={() => setOpened(!opened)}
        >
          {words}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={label} className={times ? classes.times : undefined}>
        <ul className={classes.presets}>
          {(times ? timePresets : presets).map((preset) => (
            <Preset key={preset} chosen={preset === value} onChoose={() => choose(preset)}>
              {wordsOf(preset)}
            </Preset>
          ))}
          {clearable && (
            <Preset chosen={!value} onChoose={() => choose(null)}>
              {t`Any time`}
            </Preset>
          )}
        </ul>
        <div>
          <LastSome value={value} units={times ? timeUnits : units} onChoose={choose} />
          {times ? (
            <TwoMoments value={momentsOf(value, zone)} zone={zone} onChoose={choose} />
          ) : (
            <TwoDays value={asRange(value)} onChoose={choose} />
          )}
        </div>
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

const unitWords = (): Record<Unit, string> => ({
  minutes: t`minutes`,
  hours: t`hours`,
  days: t`days`,
  weeks: t`weeks`,
  months: t`months`,
});

interface LastSomeProps {
  value: unknown;
  units: readonly Unit[];
  onChoose: (value: string) => void;
}

function LastSome({ value, units, onChoose }: LastSomeProps) {
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

interface TwoMomentsProps {
  value: DateRange | null;
  zone: string | undefined;
  onChoose: (value: DateRange) => void;
}

/** The ends of a range of moments, as a clock in the time zone shows them. */
function TwoMoments({ value, zone, onChoose }: TwoMomentsProps) {
  const shown = zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <TwoEnds
      input={{ type: "datetime-local", ...momentLimits }}
      labels={[t`From`, t`To`]}
      direction="column"
      start={value ? [inputOf(value.from, zone), inputOf(value.to, zone)] : ["", ""]}
      onEntered={(inputs) => {
        const [from, to] = inputs.map((input) => momentOfInput(input, zone));
        if (from && to) onChoose({ from, to });
      }}
    >
      <Text size="xs" c="dimmed" mt={6}>
        <Trans>Time zone: {shown}</Trans>
      </Text>
    </TwoEnds>
  );
}

const TwoDays = ({ value, onChoose }: { value: DateRange | null; onChoose: (value: DateRange) => void }) => (
  <TwoEnds
    input={{ type: "date", ...dayLimits }}
    labels={[t`Start date`, t`End date`]}
    direction="row"
    start={value ? [value.from, value.to] : ["", ""]}
    onEntered={([from, to]) => onChoose({ from, to })}
  />
);

type Ends = [from: string, to: string];

interface TwoEndsProps {
  /** What both inputs have in common. */
  input: Pick<React.ComponentProps<"input">, "type" | "min" | "max">;
  labels: Ends;
  direction: "row" | "column";
  start: Ends;
  /** Called with both ends in order. */
  onEntered: (ends: Ends) => void;
  children?: React.ReactNode;
}

function TwoEnds({ input, labels, direction, start, onEntered, children }: TwoEndsProps) {
  const [[from, to], setEnds] = useState(start);
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    if (from && to) onEntered(from <= to ? [from, to] : [to, from]);
  };
  const common = { ...input, size: "xs", flex: 1, miw: 0 };
  return (
    <form className={classes.part} onSubmit={submit} aria-label={t`Custom range`}>
      <Flex gap={6} direction={direction} align={direction === "row" ? "flex-end" : "stretch"}>
        <TextInput
          {...common}
          label={labels[0]}
          value={from}
          onChange={(event) => setEnds([event.currentTarget.value, to])}
        />
        <TextInput
          {...common}
          label={labels[1]}
          value={to}
          onChange={(event) => setEnds([from, event.currentTarget.value])}
        />
      </Flex>
      {children}
      <Button mt={8} size="xs" variant="default" type="submit" fullWidth disabled={!from || !to}>
        <Trans>Apply</Trans>
      </Button>
    </form>
  );
}
