import { IconChartBar, IconChartLine, IconChartPie, IconMarkdown, IconNumber, IconTable, type Icon } from "@tabler/icons-react";
import { lazy, type ComponentType } from "react";
import type { WidgetKind } from "@/lib/api/model";
import type { WidgetProps } from "./config";

export interface WidgetKindInfo {
  icon: Icon;
  Component: ComponentType<WidgetProps>;
  hasData: boolean;
  /** The settings that name a column of the result. */
  columnFields: readonly string[];
  /** The settings that list columns, each with words of its own. */
  markFields: readonly string[];
  /** Columns × rows on a dashboard's grid, when it is first put there. */
  size: { w: number; h: number };
}

/** How each kind of widget is drawn. What it is called and what it takes comes from the server. */
export const widgetKinds: Record<WidgetKind, WidgetKindInfo> = {
  table: { icon: IconTable, hasData: true, columnFields: [], markFields: ["columns"], size: { w: 6, h: 6 }, Component: lazy(async () => ({ default: (await import("./table")).TableWidget })) },
  number: { icon: IconNumber, hasData: true, columnFields: ["field", "compareField"], markFields: [], size: { w: 3, h: 2 }, Component: lazy(async () => ({ default: (await import("./number")).NumberWidget })) },
  bar: { icon: IconChartBar, hasData: true, columnFields: ["x"], markFields: ["series"], size: { w: 6, h: 5 }, Component: lazy(async () => ({ default: (await import("./bar")).BarWidget })) },
  line: { icon: IconChartLine, hasData: true, columnFields: ["x"], markFields: ["series"], size: { w: 6, h: 5 }, Component: lazy(async () => ({ default: (await import("./line")).LineWidget })) },
  pie: { icon: IconChartPie, hasData: true, columnFields: ["label", "value"], markFields: [], size: { w: 4, h: 5 }, Component: lazy(async () => ({ default: (await import("./pie")).PieWidget })) },
  text: { icon: IconMarkdown, hasData: false, columnFields: [], markFields: [], size: { w: 6, h: 2 }, Component: lazy(async () => ({ default: (await import("./text")).TextWidget })) },
};

/** Undefined for a kind that a newer server may have. */
export const widgetKind = (type: string): WidgetKindInfo | undefined => (widgetKinds as Partial<Record<string, WidgetKindInfo>>)[type];
