import { t } from "@lingui/core/macro";
import { SegmentedControl, TextInput } from "@mantine/core";
import { useState } from "react";
import type { JsonObject } from "@/lib/api/model";
import { dayLimits } from "@/lib/format/dates/calendar";
import { lastDays } from "@/lib/format/dates/date-ranges";
import classes from "../actions/actions.module.css";
import { textOf, type WidgetProps } from "../config";
import { Hint } from "../hint";
import { useWidgetActions, useWidgetVariables } from "../host";

const PRESETS = [7, 30, 90, 365];

const asDay = (value: unknown) => (typeof value === "string" ? value.slice(0, 10) : "");

export function DateRangeWidget({ config, label }: WidgetProps) {
  const { setVariables } = useWidgetActions();
  const variables = useWidgetVariables();
  const [own, setOwn] = useState<JsonObject>({});
  const [from, to] = [textOf(config, "from"), textOf(config, "to")];
  const values = setVariables ? variables : own;
  if (!from || !to) return <Hint text={t`Select the filters to set.`} />;
  const unknown = setVariables && [from, to].find((name) => !(name in variables));
  if (unknown) return <Hint text={t`This dashboard has no filter “${unknown}”.`} />;
  const [first, last] = [asDay(values[from]), asDay(values[to])];
  const set = (days: [string, string]) => {
    const [start, end] = days[0] && days[1] && days[0] > days[1] ? [days[1], days[0]] : days;
    (setVariables ?? setOwn)({ [from]: start || undefined, [to]: end || undefined });
  };
  const preset = PRESETS.find((days) => {
    const [start, end] = lastDays(days, new Date());
    return start === first && end === last;
  });
  return (
    <div className={classes.range} role="group" aria-label={label}>
      <TextInput
        size="xs"
        type="date"
        aria-label={t`Start date`}
        min={dayLimits.min}
        max={last || dayLimits.max}
        value={first}
        onChange={(event) => set([event.currentTarget.value, last])}
      />
      <span aria-hidden>–</span>
      <TextInput
        size="xs"
        type="date"
        aria-label={t`End date`}
        min={first || dayLimits.min}
        max={dayLimits.max}
        value={last}
        onChange={(event) => set([first, event.currentTarget.value])}
      />
      {config["presets"] !== false && (
        <SegmentedControl
          size="xs"
          aria-label={t`Quick ranges`}
          data={PRESETS.map((days) => ({ value: String(days), label: t`${days} d` }))}
          value={preset ? String(preset) : ""}
          onChange={(days) => set(lastDays(Number(days), new Date()))}
        />
      )}
    </div>
  );
}
