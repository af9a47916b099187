import { plural, t } from "@lingui/core/macro";
import { useDebouncedValue } from "@mantine/hooks";
import { IconActivity, IconFile, IconPlayerPlay, IconUser, IconVariable } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { assetKinds, type AssetKind } from "@/domain/records/asset-kinds";
import { useDatasourceTypes, useWidgetTypes } from "@/lib/api/catalog";
import { isReader, useCan } from "@/lib/api/me";
import { collections, useList, useOne, type Kind, type RecordOf } from "@/lib/api/resources";
import { formatStorage } from "@/lib/format/format";
import { runName } from "@/lib/flow/run-name";
import { useTenantLink } from "@/lib/tenant";
import { useVisits, type VisitKind } from "@/lib/visits";
import { openOverlay } from "../overlays";

/** One line of the palette. */
export interface Command {
  id: string;
  label: string;
  /** Its parent, or what distinguishes it from others of the same name. */
  where?: string | undefined;
  /** The kind of record, in one word. */
  kind?: string;
  icon: React.ReactNode;
  run: () => void;
}

const MOST_OF_A_KIND = 5;
const MOST_RECENT = 8;
const RUN_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The prefix of the ids of lines that run something. */
export const RUNS = "run ";
/** The prefix of such lines' search text; no name contains it. */
const verbs = [t`Run ${""}`, t`Start ${""}`].map((verb) => verb.trim().toLowerCase());

const fileIcon = <IconFile size={18} stroke={1.6} />;
const runIcon = <IconActivity size={18} stroke={1.6} />;
const playIcon = <IconPlayerPlay size={18} stroke={1.6} />;

function iconOf(kind: VisitKind) {
  if (kind === "instance") return runIcon;
  if (kind === "file") return fileIcon;
  const { icon: KindIcon } = assetKinds[kind];
  return <KindIcon size={18} stroke={1.6} />;
}

const pathOf = (kind: VisitKind) => (kind === "instance" ? "runs" : collections[kind]);
const words = { instance: t`Workflow run`, file: t`File` };
const wordOf = (kind: VisitKind) =>
  kind === "instance" || kind === "file" ? words[kind] : assetKinds[kind].word;

/** The records that the caller opened last in this tenant. */
export function useRecent(): Command[] {
  const link = useTenantLink();
  const navigate = useNavigate();
  const [visits] = useState(useVisits().slice(0, MOST_RECENT));
  return visits.map(({ kind, id, name }) => ({
    id,
    label: name,
    kind: wordOf(kind),
    icon: iconOf(kind),
    run: () => void navigate(link(pathOf(kind), id)),
  }));
}

/** Returns the records whose name matches; queries and workflows can be run directly. */
export function useFoundCommands(wanted: string): { commands: Command[]; searching: boolean } {
  const verb = verbs.find((candidate) => wanted.startsWith(`${candidate} `));
  const named = verb ? wanted.slice(verb.length).trim() : wanted;
  const [q] = useDebouncedValue(named, 150);
  const assets = useAssets(q);
  const others = useOthers(q);
  const run = useRunOf(q);
  const searching = q !== named || assets.searching || others.searching || run.searching;
  const found = named === "" ? [] : [...run.commands, ...assets.commands, ...others.commands];
  return {
    commands: verb
      ? found.filter(({ id, label }) => id.startsWith(RUNS) && label.toLowerCase().startsWith(verb))
      : found,
    searching,
  };
}

function useMatches<K extends Kind>(kind: K, q: string, enabled = true) {
  const can = useCan();
  const isShown =
    !isReader(can) ||
    kind === "dashboard" ||
    kind === "member" ||
    (kind === "workflow" && can("workflow:execute"));
  const asks = enabled && q !== "" && isShown && can(`${kind}:list`);
  const list = useList(kind, { q, limit: MOST_OF_A_KIND }, { enabled: asks });
  return { searching: asks && list.isFetching, items: asks ? (list.items ?? []) : ([] as RecordOf<K>[]) };
}

/** The kinds of records that people build. */
function useAssets(q: string) {
  const can = useCan();
  const link = useTenantLink();
  const navigate = useNavigate();
  const types = useDatasourceTypes().data;
  const drawn = useWidgetTypes().data;
  const sources = useList(
    "datasource",
    { sort: "name", limit: 100 },
    { enabled: q !== "" && can("datasource:list") },
  ).items;
  const [dashboards, workflows, queries, widgets, datasources] = [
    useMatches("dashboard", q),
    useMatches("workflow", q),
    useMatches("dataquery", q),
    useMatches("widget", q),
    useMatches("datasource", q),
  ];
  const open = (kind: AssetKind, { id, name }: { id: string; name: string }, where?: string): Command => ({
    id,
    label: name,
    where,
    kind: wordOf(kind),
    icon: iconOf(kind),
    run: () => void navigate(link(collections[kind], id)),
  });
  const commands = [
    ...dashboards.items.map((dashboard) =>
      open("dashboard", dashboard, plural(dashboard.items.length, { one: "# widget", other: "# widgets" })),
    ),
    ...workflows.items.flatMap((workflow) => [
      open("workflow", workflow, workflow.enabled ? t`enabled` : t`disabled`),
      ...(can("workflow:execute")
        ? [
            {
              id: RUNS + workflow.id,
              label: t`Start ${workflow.name}`,
              kind: wordOf("workflow"),
              icon: playIcon,
              run: () => setTimeout(() => openOverlay({ name: "run", workflowID: workflow.id })),
            },
          ]
        : []),
    ]),
    ...queries.items.flatMap((query) => [
      open(
        "dataquery",
        query,
        query.changesData ? t`Changes data` : sources?.find(({ id }) => id === query.datasourceID)?.name,
      ),
      // What changes data is run where it can be seen, on its page.
      ...(can("dataquery:execute") && !query.changesData
        ? [
            {
              id: RUNS + query.id,
              label: t`Run ${query.name}`,
              kind: wordOf("dataquery"),
              icon: playIcon,
              run: () => void navigate(link(collections.dataquery, query.id), { state: { ask: true } }),
            },
          ]
        : []),
    ]),
    ...widgets.items.map((widget) =>
      open("widget", widget, drawn?.find(({ type }) => type === widget.type)?.name),
    ),
    ...datasources.items.map((datasource) =>
      open("datasource", datasource, types?.find(({ type }) => type === datasource.type)?.name),
    ),
  ];
  return {
    commands,
    searching: [dashboards, workflows, queries, widgets, datasources].some(({ searching }) => searching),
  };
}

/** Files, variables and members, which open in their lists. */
function useOthers(q: string) {
  const link = useTenantLink();
  const navigate = useNavigate();
  const files = useMatches("file", q);
  const variables = useMatches("variable", q);
  const members = useMatches("member", q);
  const inList = (path: string[], name: string) =>
    void navigate(`${link(...path)}?q=${encodeURIComponent(name)}`);
  const people = members.items
    .filter(({ name, email }) => `${name} ${email}`.toLowerCase().includes(q))
    .slice(0, MOST_OF_A_KIND);
  const commands: Command[] = [
    ...files.items.map(({ id, name, size }) => ({
      id,
      label: name,
      where: formatStorage(size),
      kind: t`File`,
      icon: fileIcon,
      run: () => void navigate(link("files", id)),
    })),
    ...variables.items.map(({ id, name, description }) => ({
      id,
      label: name,
      where: description ?? "",
      kind: t`Variable`,
      icon: <IconVariable size={18} stroke={1.6} />,
      run: () => inList(["variables"], name),
    })),
    ...people.map(({ userID, name, email, roleName }) => ({
      id: userID,
      label: name || email,
      where: name ? `${email} · ${roleName}` : roleName,
      kind: t`Member`,
      icon: <IconUser size={18} stroke={1.6} />,
      run: () => inList(["settings", "members"], email),
    })),
  ];
  return { commands, searching: files.searching || variables.searching || members.searching };
}

/** The run with that id. */
function useRunOf(q: string) {
  const can = useCan();
  const link = useTenantLink();
  const navigate = useNavigate();
  const asks = RUN_ID.test(q) && can("workflow:read");
  const run = useOne("instance", asks ? q : undefined);
  const commands: Command[] =
    asks && run.data
      ? [
          {
            id: run.data.id,
            label: runName(run.data),
            where: run.data.id,
            kind: wordOf("instance"),
            icon: runIcon,
            run: () => void navigate(link("runs", q)),
          },
        ]
      : [];
  return { commands, searching: asks && run.isLoading };
}
