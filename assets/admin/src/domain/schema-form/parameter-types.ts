import { t } from "@lingui/core/macro";
import type { ParameterType } from "@/lib/api/model";

const words: Record<ParameterType, string> = {
  string: t`Text`,
  number: t`Number`,
  boolean: t`True or false`,
  date: t`Date`,
  array: t`List`,
  object: t`Object`,
};

/** Returns the name of a parameter's type. */
export const wordOfType = (type: ParameterType): string => words[type];

/** The types to select from. */
export const parameterTypes = (Object.keys(words) as ParameterType[]).map((value) => ({
  value,
  label: words[value],
}));
