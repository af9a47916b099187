import { plural, t } from "@lingui/core/macro";
import type { DatasourceType, JsonObject, NodeType, Parameter, WidgetType } from "@/lib/api/model";
import type { GraphDiff } from "@/lib/flow/diff";
import { formatNumber, formatStorage } from "@/lib/format/format";
import type { JsonSchema } from "@/lib/schema/json-schema";
import { diffBySchema } from "./by-schema";
import type { Content, HistoryKind } from "./content";
import { compareDashboards } from "./dashboard";
import {
  diffEntries,
  diffFields,
  ofRecord,
  quantityText,
  type Counted,
  type Difference,
  type DifferenceGroup,
  type Listed,
} from "./differences";
import { parameterList } from "./parameters";
import { compareWorkflows } from "./workflow";

/** What differs between two contents of a record. */
export interface Comparison {
  groups: DifferenceGroup[];
  /** How the graph of a workflow differs. */
  graph?: GraphDiff;
  /** The names of linked records, by their ids. */
  names?: ReadonlyMap<string, string> | undefined;
}

/** What gives the fields of a kind their labels. */
export interface Labels {
  datasourceTypes?: readonly DatasourceType[] | undefined;
  /** The type of a query's datasource. */
  datasourceType?: string | undefined;
  widgetTypes?: readonly WidgetType[] | undefined;
  nodeTypes?: readonly NodeType[] | undefined;
  /** The present names of linked records, by their ids. */
  names?: ReadonlyMap<string, string> | undefined;
}

const named = { name: t`Name`, description: t`Description`, type: t`Type` };
const queryLabels = {
  ...named,
  datasourceID: t`Datasource`,
  columns: t`Columns`,
  transformer: t`Transformer`,
  cacheSeconds: t`Cache`,
  timeoutMs: t`Timeout`,
  maxRows: t`Row limit`,
  runOnLoad: t`Run when this page opens`,
  effect: t`Effect on data`,
};

const parameterCount: Counted = {
  added: (count) => plural(count, { one: "# parameter added", other: "# parameters added" }),
  removed: (count) => plural(count, { one: "# parameter removed", other: "# parameters removed" }),
  changed: (count, name) =>
    plural(count, { one: `Parameter “${name}” changed`, other: "# parameters changed" }),
};
const permissionCount: Counted = {
  added: (count) => plural(count, { one: "# permission added", other: "# permissions added" }),
  removed: (count) => plural(count, { one: "# permission removed", other: "# permissions removed" }),
  changed: (_, name) => name,
};
const permissionList: Listed<string> = {
  keyOf: (name) => name,
  nameOf: (name) => name,
  summaryOf: () => null,
  diff: () => [],
};

const noSchema: JsonSchema = { type: "object" };

/** Compares the plain fields of two contents, without those that have their own groups. */
function plainGroup(
  title: string,
  before: Content,
  after: Content,
  labels: Readonly<Record<string, string>>,
  without: readonly string[],
): DifferenceGroup {
  const plain = (content: Content) =>
    Object.fromEntries(Object.entries(content).filter(([name]) => !without.includes(name)));
  return { title, differences: diffFields(ofRecord, plain(before), plain(after), labels) };
}

const objectOf = (content: Content, name: string) => (content[name] ?? {}) as JsonObject;

type Comparer = (before: Content, after: Content, labels: Labels) => Comparison;

const comparers: Record<HistoryKind, Comparer> = {
  datasource: (before, after, { datasourceTypes }) => {
    const schema = datasourceTypes?.find(({ type }) => type === after["type"])?.optionsSchema ?? noSchema;
    const options = { path: "options", of: "" };
    return {
      groups: [
        plainGroup(t`Datasource`, before, after, { ...named, tags: t`Tags` }, ["options"]),
        {
          title: t`Connection`,
          differences: diffBySchema(schema, objectOf(before, "options"), objectOf(after, "options"), options),
        },
      ],
    };
  },
  dataquery: (before, after, { datasourceTypes, datasourceType }) => {
    const type = datasourceTypes?.find((candidate) => candidate.type === datasourceType);
    const options = { path: "options", of: "" };
    const parameters = (content: Content) => (content["parameters"] ?? []) as Parameter[];
    const said = (content: Content) => ({
      ...content,
      cacheSeconds: quantityText(content["cacheSeconds"], "second"),
      timeoutMs: quantityText(content["timeoutMs"], "millisecond"),
      maxRows: typeof content["maxRows"] === "number" ? formatNumber(content["maxRows"]) : content["maxRows"],
    });
    return {
      groups: [
        {
          title: t`Request`,
          differences: diffBySchema(
            type?.queryOptionsSchema ?? noSchema,
            objectOf(before, "options"),
            objectOf(after, "options"),
            options,
          ),
        },
        {
          title: t`Parameters`,
          counted: parameterCount,
          differences: diffEntries("parameters", parameters(before), parameters(after), parameterList),
        },
        plainGroup(t`Query`, said(before), said(after), queryLabels, ["options", "parameters"]),
      ],
    };
  },
  widget: (before, after, { widgetTypes }) => {
    const typeOf = (content: Content) => widgetTypes?.find(({ type }) => type === content["type"]);
    const said = (content: Content) => ({ ...content, type: typeOf(content)?.name ?? content["type"] });
    const config = { path: "config", of: "" };
    return {
      groups: [
        plainGroup(t`Widget`, said(before), said(after), named, ["config"]),
        {
          title: t`Settings`,
          differences: diffBySchema(
            typeOf(after)?.configSchema ?? noSchema,
            objectOf(before, "config"),
            objectOf(after, "config"),
            config,
          ),
        },
      ],
    };
  },
  dashboard: (before, after, { names = new Map() }) => ({
    groups: compareDashboards(before, after, names),
  }),
  workflow: (before, after, { nodeTypes = [] }) => compareWorkflows(before, after, nodeTypes),
  variable: (before, after) => ({
    groups: [
      plainGroup(
        t`Variable`,
        before,
        after,
        { name: t`Name`, value: t`Value`, description: t`Description` },
        [],
      ),
    ],
  }),
  file: (before, after) => {
    const said = (content: Content) => {
      const size = content["size"];
      return { ...content, size: typeof size === "number" ? formatStorage(size) : size };
    };
    const labels = { ...named, fileName: t`File name`, mediaType: t`Type`, size: t`Size` };
    // The digest tells people nothing but whether the content is the same.
    const other: Difference = {
      ...ofRecord,
      path: "sha256",
      field: "",
      change: "changed",
      before: null,
      after: null,
      note: t`The file has other content.`,
    };
    return {
      groups: [
        {
          title: t`Content`,
          differences: before["sha256"] === after["sha256"] ? [] : [other],
        },
        plainGroup(t`File`, said(before), said(after), labels, ["sha256"]),
      ],
    };
  },
  role: (before, after) => {
    const permissions = (content: Content) => (content["permissions"] ?? []) as string[];
    return {
      groups: [
        plainGroup(t`Role`, before, after, named, ["permissions"]),
        {
          title: t`Permissions`,
          counted: permissionCount,
          differences: diffEntries("permissions", permissions(before), permissions(after), permissionList),
        },
      ],
    };
  },
};

/** Compares two contents of a record under the labels of its form. */
export function compareContents(
  kind: HistoryKind,
  before: Content,
  after: Content,
  labels: Labels = {},
): Comparison {
  const { groups, ...rest } = comparers[kind](before, after, labels);
  return { ...rest, groups: groups.filter(({ differences }) => differences.length > 0), names: labels.names };
}

/** Adds what differs in the records that belong to the compared one. */
export const withGroups = (comparison: Comparison, groups: readonly DifferenceGroup[]): Comparison => ({
  ...comparison,
  groups: [...comparison.groups, ...groups],
});

export const isSame = ({ groups, graph }: Comparison): boolean =>
  groups.length === 0 && !graph?.nodes.size && !graph?.edges.size;
