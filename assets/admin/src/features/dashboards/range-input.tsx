import { t } from "@lingui/core/macro";
import { TextInput } from "@mantine/core";
import { useState } from "react";
import classes from "./dashboards.module.css";
import type { DateRange } from "./variables";

interface RangeInputProps {
  label: string;
  value: DateRange | null;
  onChange: (value: DateRange | null) => void;
}

/** Two days. The value changes when both are there, or neither. */
export function RangeInput({ label, value, onChange }: RangeInputProps) {
  const [half, setHalf] = useState<DateRange | null>(null);
  const { from, to } = half ?? value ?? { from: "", to: "" };
  const set = (next: DateRange) => {
    const whole = Boolean(next.from) === Boolean(next.to);
    setHalf(whole ? null : next);
    if (!whole) return;
    if (!next.from) onChange(null);
    else onChange(next.from <= next.to ? next : { from: next.to, to: next.from });
  };
  return (
    <div className={classes.range} role="group" aria-label={label}>
      <TextInput size="xs" type="date" aria-label={t`${label}: first day`} value={from} onChange={(event) => set({ from: event.currentTarget.value, to })} />
      <span aria-hidden>–</span>
      <TextInput size="xs" type="date" aria-label={t`${label}: last day`} value={to} onChange={(event) => set({ from, to: event.currentTarget.value })} />
    </div>
  );
}
