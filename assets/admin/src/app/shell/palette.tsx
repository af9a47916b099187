import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import "@mantine/spotlight/styles.css";
import { Modal, VisuallyHidden } from "@mantine/core";
import { createSpotlight, Spotlight } from "@mantine/spotlight";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlayerPlay, IconPlus, IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { api } from "@/lib/api/client";
import { useCan } from "@/lib/api/me";
import type { Started } from "@/lib/api/model";
import { collections, useList } from "@/lib/api/resources";
import { useTenantID, useTenantLink } from "@/lib/tenant";
import { assetKinds, type AssetKind } from "@/ui/asset-kinds";
import { notify } from "@/ui/notify";
import { allowedSections } from "./navigation";

const [store, spotlight] = createSpotlight();
const kinds = Object.keys(assetKinds) as AssetKind[];

interface Command {
  id: string;
  label: string;
  hint?: string;
  icon: React.ReactNode;
  run: () => void;
}

/** Jump to anything, create anything, run a workflow. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const pages = usePages().filter(({ label }) => label.toLowerCase().includes(wanted));
  const found = useFound(wanted);
  const groups: [string, Command[]][] = [[t`Found`, found.commands], [t`Go to`, pages]];

  useEffect(() => spotlight.open(), []);

  return (
    <Spotlight.Root store={store} query={text} onQueryChange={setText} shortcut={null} onSpotlightClose={onClose} scrollable maxHeight={420} transitionProps={{ duration: 120 }}>
      <VisuallyHidden>
        <Modal.Title><Trans>Find anything</Trans></Modal.Title>
      </VisuallyHidden>
      <Spotlight.Search placeholder={t`Find a page, a query, a workflow…`} aria-label={t`Find anything`} leftSection={<IconSearch size={18} />} maxLength={200} />
      <Spotlight.ActionsList>
        {groups.map(([title, commands]) =>
          commands.length > 0 ? (
            <Spotlight.ActionsGroup key={title} label={title}>
              {commands.map(({ id, label, hint, icon, run }) => (
                <Spotlight.Action key={id} label={label} leftSection={icon} rightSection={hint} onClick={run} />
              ))}
            </Spotlight.ActionsGroup>
          ) : null,
        )}
        {groups.every(([, commands]) => commands.length === 0) && <Spotlight.Empty>{found.searching ? t`Searching…` : t`Nothing matches.`}</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

/** Every page and everything that can be made. */
function usePages(): Command[] {
  const can = useCan();
  const link = useTenantLink();
  const navigate = useNavigate();
  const pages = allowedSections(can)
    .flatMap(({ items }) => items)
    .map(({ label, path, icon: PageIcon }) => ({ id: `page ${path}`, label, icon: <PageIcon size={18} stroke={1.6} />, run: () => void navigate(link(path)) }));
  const makers = kinds
    .filter((kind) => can(`${kind}:create`))
    .map((kind) => ({ id: `new ${kind}`, label: assetKinds[kind].fresh, icon: <IconPlus size={18} stroke={1.6} />, run: () => void navigate(link(collections[kind], "new")) }));
  return [...pages, ...makers];
}

function useMatches(kind: AssetKind, q: string) {
  const can = useCan();
  const list = useList(kind, { q, limit: 5 }, { enabled: q !== "" && can(`${kind}:list`) });
  return { kind, searching: list.isFetching, items: q === "" ? [] : (list.items ?? []) };
}

/** What the tenant has under such a name; workflows may be run on the spot. */
function useFound(wanted: string): { commands: Command[]; searching: boolean } {
  const can = useCan();
  const link = useTenantLink();
  const navigate = useNavigate();
  const runWorkflow = useRunWorkflow();
  const [q] = useDebouncedValue(wanted, 150);
  const matches = [useMatches("dashboard", q), useMatches("workflow", q), useMatches("dataquery", q), useMatches("widget", q), useMatches("datasource", q)];
  const commands = matches.flatMap(({ kind, items }) => {
    const { icon: KindIcon, word } = assetKinds[kind];
    return items.flatMap(({ id, name }): Command[] => [
      { id, label: name, hint: word, icon: <KindIcon size={18} stroke={1.6} />, run: () => void navigate(link(collections[kind], id)) },
      ...(kind === "workflow" && can("workflow:execute") ? [{ id: `run ${id}`, label: t`Run ${name}`, hint: t`Workflow`, icon: <IconPlayerPlay size={18} stroke={1.6} />, run: () => runWorkflow(id) }] : []),
    ]);
  });
  return { commands, searching: matches.some(({ searching }) => searching) };
}

function useRunWorkflow() {
  const tenantID = useTenantID();
  const link = useTenantLink();
  const navigate = useNavigate();
  const start = (workflowID: string): Promise<Started> => api.post("/api/v1/tenants/{tenantID}/workflows/{workflowID}/execute", { path: { tenantID, workflowID }, body: { input: {} } });
  return (id: string) =>
    void start(id)
      .then(({ instanceID }) => navigate(link("runs", instanceID)))
      .catch((error: unknown) => notify.failed(error, t`The workflow did not start`));
}
