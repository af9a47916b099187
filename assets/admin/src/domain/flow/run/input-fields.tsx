import { TextInput } from "@mantine/core";
import { useInputProps, type FieldProps } from "@/domain/schema-form/context";
import { isApiError } from "@/lib/api/errors";
import type { Parameter } from "@/lib/api/model";
import { dayLimits } from "@/lib/format/dates/calendar";
import { fieldErrors, type FieldErrors } from "@/lib/schema/paths";

/** Replaces the form's default fields for declared inputs. */
export const inputRenderers = { date: (props: FieldProps) => <DateField {...props} /> };

function DateField(props: FieldProps) {
  const input = useInputProps(props);
  const text = typeof props.value === "string" ? props.value : "";
  return (
    <TextInput
      {...input}
      type="date"
      {...dayLimits}
      value={text}
      onChange={(event) => props.onChange(event.currentTarget.value || undefined)}
    />
  );
}

/** The server's details are below `root`, or use the input's bare name. */
export function inputErrors(error: unknown, inputs: readonly Parameter[], root = "input"): FieldErrors {
  if (!isApiError(error)) return {};
  const names = new Set(inputs.map(({ name }) => name));
  return Object.fromEntries(
    Object.entries(fieldErrors(error.details)).map(([path, message]) => [
      names.has(path.split(/[.[]/)[0] ?? "") ? `${root}.${path}` : path,
      message,
    ]),
  );
}
