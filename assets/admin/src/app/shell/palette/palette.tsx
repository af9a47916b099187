import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import "@mantine/spotlight/styles.css";
import { Modal, VisuallyHidden } from "@mantine/core";
import { createSpotlight, Spotlight } from "@mantine/spotlight";
import { IconKeyboard, IconPlus, IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { assetKinds, type AssetKind } from "@/domain/records/asset-kinds";
import { useCan } from "@/lib/api/me";
import { collections } from "@/lib/api/resources";
import { useTenantLink } from "@/lib/tenant";
import { allowedSections } from "../navigation/navigation";
import { openOverlay } from "../overlays";
import classes from "../shell.module.css";
import { RUNS, useFoundCommands, useRecent, type Command } from "./use-found";

const [store, spotlight] = createSpotlight();
const isRun = ({ id }: Command) => id.startsWith(RUNS);
const kinds = Object.keys(assetKinds) as AssetKind[];

/** Selects the first line, as the spotlight does when the text changes; it does not know of lines that arrive later. */
function selectFirst() {
  const [first, ...others] = document.querySelectorAll(`#${store.getState().listId} [data-action]`);
  for (const other of others) other.removeAttribute("data-selected");
  first?.setAttribute("data-selected", "true");
  store.updateState((state) => ({ ...state, selected: 0 }));
}

/** The command palette: opens any page or record, creates records, runs queries and workflows. */
export function Palette({ start, onClose }: { start: string; onClose: () => void }) {
  const [text, setText] = useState(start);
  const wanted = text.trim().toLowerCase();
  const fits = ({ label }: Command) => label.toLowerCase().includes(wanted);
  const found = useFoundCommands(wanted);
  const recent = useRecent();
  const groups: [string, Command[]][] = [
    [
      t`Recently opened`,
      recent.filter((visit) => fits(visit) && !found.commands.some(({ id }) => id === visit.id)),
    ],
    [t`Results`, found.commands.filter((command) => !isRun(command))],
    [t`Run`, found.commands.filter(isRun)],
    [t`Go to`, usePages().filter(fits)],
    [t`Create`, useMakers().filter(fits)],
    [t`Help`, useHelp().filter(fits)],
  ];

  const shown = groups.flatMap(([, commands]) => commands);
  const listed = shown.map(({ id }) => id).join();

  useEffect(() => spotlight.open(), []);
  // Enter activates the first line, also when it came from the server.
  useEffect(() => {
    if (listed) void Promise.resolve().then(selectFirst);
  }, [listed]);

  return (
    <Spotlight.Root
      store={store}
      query={text}
      onQueryChange={setText}
      shortcut={null}
      clearQueryOnClose={false}
      onSpotlightClose={onClose}
      scrollable
      maxHeight={440}
      transitionProps={{ duration: 120 }}
    >
      <VisuallyHidden>
        <Modal.Title>
          <Trans>Search everything</Trans>
        </Modal.Title>
      </VisuallyHidden>
      <Spotlight.Search
        placeholder={t`Search pages, queries, members, run IDs…`}
        aria-label={t`Search everything`}
        leftSection={<IconSearch size={18} />}
        maxLength={200}
      />
      <VisuallyHidden role="status">
        {wanted && !found.searching ? plural(shown.length, { one: "# match", other: "# matches" }) : ""}
      </VisuallyHidden>
      <Spotlight.ActionsList>
        {groups.map(
          ([title, commands]) =>
            commands.length > 0 && <Group key={title} title={title} commands={commands} />,
        )}
        {shown.length === 0 && (
          <Spotlight.Empty>{found.searching ? t`Searching…` : t`No results.`}</Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

function Group({ title, commands }: { title: string; commands: Command[] }) {
  return (
    <Spotlight.ActionsGroup label={title}>
      {commands.map(({ id, label, where, kind, icon, run }) => (
        <Spotlight.Action key={id} className={classes.action ?? ""} onClick={run}>
          <span className={classes.found}>
            {icon}
            <span className={classes.foundName}>{label}</span>
            {where && <span className={classes.foundWhere}>{where}</span>}
            {kind && <span className={classes.foundKind}>{kind}</span>}
          </span>
        </Spotlight.Action>
      ))}
    </Spotlight.ActionsGroup>
  );
}

function usePages(): Command[] {
  const can = useCan();
  const link = useTenantLink();
  const navigate = useNavigate();
  return allowedSections(can)
    .flatMap(({ items }) => items)
    .map(({ label, path, icon: PageIcon }) => ({
      id: `page ${path}`,
      label,
      icon: <PageIcon size={18} stroke={1.6} />,
      run: () => void navigate(link(path)),
    }));
}

/** Commands to create each kind of record. */
function useMakers(): Command[] {
  const can = useCan();
  const link = useTenantLink();
  const navigate = useNavigate();
  return kinds
    .filter((kind) => can(`${kind}:create`))
    .map((kind) => ({
      id: `new ${kind}`,
      label: assetKinds[kind].fresh,
      icon: <IconPlus size={18} stroke={1.6} />,
      run: () => void navigate(link(collections[kind], "new")),
    }));
}

const useHelp = (): Command[] => [
  {
    id: "shortcuts",
    label: t`Keyboard shortcuts`,
    icon: <IconKeyboard size={18} stroke={1.6} />,
    run: () => setTimeout(() => openOverlay({ name: "shortcuts" })),
  },
];
