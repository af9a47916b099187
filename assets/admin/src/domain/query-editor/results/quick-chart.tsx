import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, MultiSelect, SegmentedControl, Select } from "@mantine/core";
import { IconChartBar } from "@tabler/icons-react";
import { useMemo } from "react";
import { useNavigate } from "react-router";
import { rowsOf } from "@/domain/widgets/kinds/config";
import { suggestConfig, suggestOrder, suggestSplit } from "@/domain/widgets/kinds/suggest";
import { suggestKinds } from "@/domain/widgets/kinds/suggest-kinds";
import { WidgetView } from "@/domain/widgets/kinds/widget-view";
import { useCan } from "@/lib/api/me";
import type { JsonObject, QueryColumn, QueryResult } from "@/lib/api/model";
import { withDeclared } from "@/lib/format/columns";
import { useTenantLink } from "@/lib/tenant";
import type { ChartChoice } from "../run";
import classes from "./quick-chart.module.css";

type Shape = NonNullable<ChartChoice["shape"]>;

const shapes: { value: Shape; label: string }[] = [
  { value: "bar", label: t`Bar` },
  { value: "line", label: t`Line` },
  { value: "area", label: t`Area` },
  { value: "pie", label: t`Pie` },
];

const described = (result: QueryResult, declared: readonly QueryColumn[]): QueryResult => ({
  ...result,
  columns: result.columns ? withDeclared(result.columns, declared) : null,
});

/** Returns the shape that suits a result best. */
const suitable = (...data: Parameters<typeof suggestKinds>): Shape =>
  suggestKinds(...data).flatMap((kind) => shapes.find(({ value }) => value === kind)?.value ?? [])[0] ??
  "bar";

/** Returns a config as it is saved: without what was cleared. */
const saved = (config: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null));

/** Returns the type and the config of the widget that shows a result as chosen. */
export function chartOf(
  given: QueryResult,
  declared: readonly QueryColumn[],
  { shape: chosen, own }: ChartChoice,
): { type: Shape; config: JsonObject } {
  const { rows, columns } = rowsOf(described(given, declared));
  const type = chosen ?? suitable(columns, rows);
  return { type, config: saved({ ...suggestConfig(type, columns, rows), ...own }) };
}

/** Shows the result as a chart, to look at now or to save as a widget. */
export function QuickChart({
  result: given,
  declared,
  queryID,
  kept,
  choice,
  onChoice,
}: {
  result: QueryResult;
  /** What the query in the editor declares about its columns. */
  declared: readonly QueryColumn[];
  queryID: string | null;
  /** The values that the query was run with, as a widget keeps them. */
  kept: JsonObject;
  choice: ChartChoice;
  onChoice: (choice: ChartChoice) => void;
}) {
  const result = useMemo(() => described(given, declared), [given, declared]);
  const { rows, columns } = useMemo(() => rowsOf(result), [result]);
  const { own } = choice;
  const shape = choice.shape ?? suitable(columns, rows);
  const setOwn = (next: JsonObject) => onChoice({ shape, own: next });
  const names = columns.map(({ name }) => name);
  const config = { ...suggestConfig(shape, columns, rows), ...own };
  const series = Array.isArray(config["series"])
    ? (config["series"] as { field: string }[]).map(({ field }) => field)
    : [];
  const axis = shape === "pie" ? "label" : "x";
  const axisName = typeof config[axis] === "string" ? (config[axis] as string) : null;
  const figures = series.filter((name) => name !== axisName);
  const guessFor = (name: string): JsonObject => {
    const split = suggestSplit(name, figures, columns, rows) ?? null;
    const order = suggestOrder(name, columns, rows) ?? null;
    return { split, order, ...(shape === "line" ? {} : { stack: split === null ? "none" : "normal" }) };
  };
  // Another axis needs another guess for the series.
  const chooseAxis = (name: string) =>
    setOwn({
      ...own,
      [axis]: name,
      ...(shape === "pie" ? {} : guessFor(name)),
    });
  return (
    <div className={classes.chart} data-chart>
      <div className={classes.settings}>
        <SegmentedControl
          size="xs"
          aria-label={t`Chart type`}
          data={shapes}
          value={shape}
          onChange={(value) => onChoice({ shape: value as Shape, own: {} })}
        />
        <Select
          size="xs"
          label={shape === "pie" ? t`Names` : t`Axis`}
          data={names}
          value={axisName}
          onChange={(name) => name && chooseAxis(name)}
        />
        {shape === "pie" ? (
          <Select
            size="xs"
            label={t`Values`}
            data={names}
            value={typeof config["value"] === "string" ? config["value"] : null}
            onChange={(name) => name && setOwn({ ...own, value: name })}
          />
        ) : (
          <>
            <MultiSelect
              size="xs"
              label={t`Series`}
              data={names}
              value={series}
              maxValues={8}
              onChange={(fields) => setOwn({ ...own, series: fields.map((field) => ({ field })) })}
            />
            <Select
              size="xs"
              label={t`Split by`}
              data={names.filter((name) => name !== axisName)}
              value={typeof config["split"] === "string" ? config["split"] : null}
              placeholder={t`None`}
              clearable
              onChange={(name) => setOwn({ ...own, split: name })}
            />
          </>
        )}
        <MakeWidget queryID={queryID} type={shape} config={{ ...saved(config), parameters: kept }} />
      </div>
      <div className={classes.body}>
        <WidgetView type={shape} config={config} result={result} label={t`Result as a chart`} />
      </div>
    </div>
  );
}

/** Only a saved query can be used by a widget. */
function MakeWidget({ queryID, type, config }: { queryID: string | null; type: string; config: JsonObject }) {
  const can = useCan();
  const link = useTenantLink();
  const navigate = useNavigate();
  if (!queryID || !can("widget:create")) return null;
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconChartBar size={14} />}
      onClick={() => void navigate(`${link("widgets", "new", type)}?query=${queryID}`, { state: { config } })}
    >
      <Trans>Create widget</Trans>
    </Button>
  );
}
