import type { Make } from "@/lib/api/make-all";
import type { DashboardDraft, DataQueryDraft, LayoutItem, Parameter, WorkflowNode } from "@/lib/api/model";
import { plainQuery } from "@/lib/api/subjects/data-queries";

/** What a template may use. */
export interface Tools {
  make: Make;
  /** Executes SQL that is not kept as a query. */
  run: (datasourceID: string, sql: string) => Promise<void>;
  /** Stores a CSV text as a file; its name gets a number if it is taken. */
  upload: (name: string, csv: string) => Promise<string>;
}

/** The page to open: its path below the tenant. */
type Opened = string[];

export type Build = (tools: Tools) => Promise<Opened>;

/** Returns the draft of a query with parameters. */
export const queryOf = (
  name: string,
  datasourceID: string,
  sql: string,
  parameters: readonly Parameter[] = [],
): DataQueryDraft => ({ ...plainQuery(datasourceID, sql), name, parameters: [...parameters] });

export const parameterOf = (name: string, given: Partial<Parameter> = {}): Parameter => ({
  name,
  type: "string",
  required: false,
  default: null,
  description: "",
  allowed: [],
  ...given,
});

/** A widget, with its title on the dashboard if its name got a number. */
export interface Shown {
  id: string;
  title?: string;
}

/** A widget and its cell: columns and rows from the left and the top. */
export type Placed = [widget: Shown, x: number, y: number, w: number, h: number];

export function boardOf(
  name: string,
  placed: readonly Placed[],
  variables: DashboardDraft["variables"] = [],
): DashboardDraft {
  const keyed = placed.map((cell, index) => ({ key: `item${index + 1}`, cell }));
  const lg = keyed.map(({ key, cell: [, x, y, w, h] }): LayoutItem => ({ i: key, x, y, w, h }));
  return {
    name,
    description: "",
    tabs: [],
    items: keyed.map(({ key, cell: [{ id, title }] }) => ({
      key,
      widgetID: id,
      ...(title ? { title } : {}),
    })),
    layouts: { lg },
    variables,
    refreshSeconds: 0,
  };
}

export async function widgetOf(
  make: Make,
  name: string,
  type: Parameters<typeof make<"widget">>[1]["type"],
  config: Record<string, unknown>,
): Promise<Shown> {
  const widget = await make("widget", { name, description: "", type, config });
  return { id: widget.id, ...(widget.name === name ? {} : { title: name }) };
}

const STEP = 260;

/** Returns the nodes of a workflow in a row, with the same ids and names. */
export const nodesInRow = (
  nodes: readonly [id: string, type: string, config?: Record<string, unknown>][],
): WorkflowNode[] =>
  nodes.map(([id, type, config = {}], index) => ({
    id,
    type,
    name: id,
    config,
    position: { x: index * STEP, y: 120 },
    parentID: null,
    settings: {},
    pinnedOutput: null,
    notes: null,
  }));

/** Returns a path of a new database file: files of deleted datasources stay. */
export const databasePath = (name: string): string => `${name}-${Date.now().toString(36)}.db`;
