import { TextInput, type TextInputProps } from "@mantine/core";
import { useState, type KeyboardEvent } from "react";
import { canonical, exactNumber, isNumber } from "@/lib/format/decimals";
import { numberSeparators } from "@/lib/format/format";
import { printNumber, readNumber, typedProblem } from "@/lib/format/typed-number";
import { useDraft } from "@/lib/draft";

interface ExactNumberInputProps extends Omit<TextInputProps, "value" | "onChange" | "min" | "max" | "step"> {
  value: unknown;
  /** Receives a number, its text if no double holds it, or a text that is not a number, which must be rejected. */
  onChange: (value: number | string | undefined) => void;
  allowDecimal?: boolean;
  /** What the arrow keys add, and where they stop. The form that gets the value checks it. */
  step?: number;
  min?: number;
  max?: number;
}

/** Marks a text that could be two numbers, so that nobody takes it for one of them. */
const UNCLEAR = " (?)";

/** Also understands numbers that are not complete yet: `1.`, `.5`. */
function meantBy(text: string): number | string | undefined {
  const { decimalSeparator: point } = numberSeparators();
  let whole = text.trim();
  if (whole.endsWith(point)) whole = whole.slice(0, -1);
  if (whole.replace("-", "").startsWith(point)) whole = whole.replace(point, `0${point}`);
  if (whole === "" || whole === "-") return undefined;
  return readNumber(whole) ?? (isNumber(whole) ? whole + UNCLEAR : whole);
}

const DIRECTIONS: Record<string, number> = { ArrowUp: 1, ArrowDown: -1 };

/** Adds without the noise of doubles: 0.1 + 0.2 is 0.3. */
function sumOf(one: number, other: number): number {
  const places = (number: number) => canonical(number).split(".")[1]?.length ?? 0;
  return Number((one + other).toFixed(Math.max(places(one), places(other))));
}

/** Edits a number as the reader's language writes it, and keeps all of its digits. */
export function ExactNumberInput({
  value,
  onChange,
  allowDecimal = true,
  step = 1,
  min = -Infinity,
  max = Infinity,
  error,
  onFocus,
  onBlur,
  ...props
}: ExactNumberInputProps) {
  const [isTyping, setIsTyping] = useState(false);
  const { draft, change } = useDraft<number | string | undefined>({
    value: exactNumber(value) ?? (typeof value === "string" && value !== "" ? value : undefined),
    print: (known) =>
      isNumber(known) ? printNumber(canonical(known)) : String(known ?? "").replace(UNCLEAR, ""),
    parse: (text) => ({ value: meantBy(text) }),
    onChange,
  });
  const meant = meantBy(draft);
  const problem = meant === undefined || isNumber(meant) ? null : typedProblem(draft);
  const move = (event: KeyboardEvent<HTMLInputElement>) => {
    const direction = DIRECTIONS[event.key];
    const now = exactNumber(value);
    if (direction === undefined || typeof now !== "number" || props.disabled || props.readOnly) return;
    event.preventDefault();
    onChange(Math.min(max, Math.max(min, sumOf(now, direction * step))));
  };
  return (
    <TextInput
      {...props}
      inputMode={allowDecimal ? "decimal" : "numeric"}
      autoComplete="off"
      // While a number is being typed, it is not complete.
      error={error ?? (isTyping ? undefined : problem)}
      value={draft}
      onChange={(event) => change(event.currentTarget.value)}
      onKeyDown={move}
      onFocus={(event) => {
        setIsTyping(true);
        onFocus?.(event);
      }}
      onBlur={(event) => {
        setIsTyping(false);
        onBlur?.(event);
      }}
    />
  );
}
