import { TextInput, type TextInputProps } from "@mantine/core";
import { momentLimits } from "@/lib/format/dates/calendar";
import { localMoment, writtenMoment } from "@/lib/format/dates/moment-input";

interface MomentFieldProps extends Omit<TextInputProps, "value" | "onChange" | "type"> {
  /** Whether it is a moment, which the reader sees in their own zone, or a date and time without a zone. */
  isZoned: boolean;
  value: string;
  onChange: (value: string | null) => void;
}

/** Edits a date and time. A value in another notation is edited as text. */
export function MomentField({ isZoned, value, onChange, ...props }: MomentFieldProps) {
  const local = value === "" ? "" : localMoment(value, isZoned);
  return (
    <TextInput
      {...props}
      autoComplete="off"
      type={local === null ? "text" : "datetime-local"}
      step={1}
      {...momentLimits}
      value={local ?? value}
      onChange={(event) => {
        const { value: next } = event.currentTarget;
        onChange(next === "" ? null : local === null ? next : writtenMoment(next, isZoned));
      }}
    />
  );
}
