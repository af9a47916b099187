import { t } from "@lingui/core/macro";
import type { QueryColumn } from "@/lib/api/model";

type Format = NonNullable<QueryColumn["format"]>;

export const formats: { value: Format; label: string }[] = [
  { value: "auto", label: t`Automatic` },
  { value: "text", label: t`Text` },
  { value: "number", label: t`Number` },
  { value: "currency", label: t`Currency` },
  { value: "percent", label: t`Percent` },
  { value: "bytes", label: t`Bytes` },
  { value: "duration", label: t`Duration` },
  { value: "date", label: t`Date` },
  { value: "datetime", label: t`Date and time` },
  { value: "relative", label: t`Time ago` },
];

export const types: { value: NonNullable<QueryColumn["type"]>; label: string }[] = [
  { value: "text", label: t`Text` },
  { value: "number", label: t`Number` },
  { value: "boolean", label: t`Yes or no` },
  { value: "date", label: t`Date` },
  { value: "datetime", label: t`Date and time` },
];

/** Returns what a column declares, in short: "Order total · Currency EUR · 2 decimals". */
export function summaryOf({ label, type, format, currency, unit, decimals, colors }: QueryColumn): string {
  const named = formats.find(({ value }) => value === format && value !== "auto")?.label;
  const parts = [
    label,
    types.find(({ value }) => value === type)?.label,
    named && currency ? `${named} ${currency}` : named,
    unit,
    decimals === null || decimals === undefined ? null : t`Decimals: ${decimals}`,
    colors && Object.keys(colors).length > 0 ? t`Colors` : null,
  ];
  return parts.filter(Boolean).join(" · ");
}
