import { NumberInput, type NumberInputProps } from "@mantine/core";
import { canonical, exactNumber, isNumber } from "@/lib/format/decimals";
import { useDraft } from "@/lib/draft";

interface ExactNumberInputProps extends Omit<NumberInputProps, "value" | "onChange" | "clampBehavior"> {
  /** Anything but a number shows an empty field. */
  value: unknown;
  /** Receives a number, or its text if no double holds it. */
  onChange: (value: number | string | undefined) => void;
}

/** Also understands numbers that are not complete yet: `1.`, `.5`. */
const numberIn = (text: string) =>
  exactNumber(text.replace(/\.$/, "").replace(/^(-?)\./, "$10.")) ?? undefined;

/** Edits a number and keeps all of its digits. */
export function ExactNumberInput({ value, onChange, ...props }: ExactNumberInputProps) {
  const { draft, change } = useDraft({
    value: exactNumber(value) ?? undefined,
    print: (number) => (isNumber(number) ? canonical(number) : ""),
    parse: (text) => ({ value: numberIn(text) }),
    onChange,
  });
  return (
    <NumberInput
      {...props}
      // Clamping and trimming would round.
      clampBehavior="none"
      trimLeadingZeroesOnBlur={false}
      value={draft}
      onChange={(next) => change(String(next))}
    />
  );
}
