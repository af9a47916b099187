import type { ApiError } from "@/lib/api/errors";
import type { Tone } from "@/lib/format/tones";

/** A value to select, with its label. */
export interface VariableChoice {
  value: string;
  label: string;
  /** The color that the query declares for the value. */
  tone?: Tone | undefined;
}

/** The options to select from. */
export interface Choices {
  list: VariableChoice[];
  /** Whether there are, or may be, more than are listed. */
  more: boolean;
  /** Why they could not be loaded. */
  error: ApiError | null;
}

/** The options of all variables whose options come from a query. */
export interface ChoicesData {
  choices: Record<string, Choices>;
  /** Returns the options of a variable that contain a text. */
  searchChoices: (name: string, text: string, signal: AbortSignal) => Promise<Choices>;
}
