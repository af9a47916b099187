import { t } from "@lingui/core/macro";
import type { Condition } from "@/lib/rows/conditions";

/** Describes the condition that disables an action. */
function wordsOf({ field, operator, value }: Condition): string {
  switch (operator) {
    case "equals":
      return t`Not available while “${field}” is “${value}”.`;
    case "notEquals":
      return t`Not available while “${field}” is not “${value}”.`;
    case "contains":
      return t`Not available while “${field}” contains “${value}”.`;
    case "greater":
      return t`Not available while “${field}” is more than “${value}”.`;
    case "less":
      return t`Not available while “${field}” is less than “${value}”.`;
    case "atLeast":
      return t`Not available while “${field}” is at least “${value}”.`;
    case "atMost":
      return t`Not available while “${field}” is at most “${value}”.`;
    case "empty":
      return t`Not available while “${field}” is empty.`;
    case "notEmpty":
      return t`Not available while “${field}” is not empty.`;
  }
}

/** Says why an action is disabled, given the conditions that are met. */
export function reasonOf(conditions: readonly Condition[]): string {
  const [first, ...others] = conditions;
  return first && others.length === 0 ? wordsOf(first) : t`Not available at the moment.`;
}
