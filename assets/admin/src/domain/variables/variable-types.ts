import { t } from "@lingui/core/macro";
import type { DashboardVariable } from "@/lib/api/model";

/** The types of a dashboard's filters, as people select them. */
export const variableTypes: { value: DashboardVariable["type"]; label: string }[] = [
  { value: "text", label: t`Text` },
  { value: "number", label: t`Number` },
  { value: "select", label: t`Choice` },
  { value: "multiSelect", label: t`Multiple choice` },
  { value: "date", label: t`Date` },
  { value: "dateRange", label: t`Date range` },
  { value: "timeRange", label: t`Time range` },
];

/** Returns the name of a filter's type. */
export const labelOfType = (type: DashboardVariable["type"]): string =>
  variableTypes.find(({ value }) => value === type)?.label ?? type;
