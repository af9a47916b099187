import { t } from "@lingui/core/macro";
import { useLocation, useNavigate } from "react-router";
import { assetKinds, type AssetKind } from "@/domain/records/asset-kinds";
import { useCan } from "@/lib/api/me";
import { collections } from "@/lib/api/resources";
import { useTenantLink } from "@/lib/tenant";
import { useShortcuts } from "@/ui/shortcuts/registry";
import { allowedSections } from "./navigation/navigation";
import { openOverlay, useOverlay } from "./overlays";

const kinds = Object.keys(assetKinds) as AssetKind[];

/** The create dialog of the current page. */
function useMaker(): string | null {
  const can = useCan();
  const link = useTenantLink();
  const { pathname } = useLocation();
  const kind = kinds.find((candidate) => pathname.startsWith(link(collections[candidate])));
  return kind && can(`${kind}:create`) ? link(collections[kind], "new") : null;
}

/** Focuses the search field of the current list, if there is one. */
function search() {
  const field = document.querySelector<HTMLInputElement>("input[data-list-search]");
  if (field) field.focus();
  else openOverlay({ name: "palette" });
}

/** The shortcuts that every page has. */
export function useShellShortcuts({ onToggleRail }: { onToggleRail: () => void }): void {
  const can = useCan();
  const link = useTenantLink();
  const navigate = useNavigate();
  const overlay = useOverlay();
  const maker = useMaker();
  useShortcuts(
    t`Anywhere`,
    [
      {
        keys: "mod+K",
        label: t`Search everything`,
        whileTyping: true,
        run: () => openOverlay(overlay?.name === "palette" ? null : { name: "palette" }),
      },
      { keys: "/", label: t`Search`, run: search },
      {
        keys: "c",
        label: t`Create`,
        run: () => (maker ? void navigate(maker) : openOverlay({ name: "palette", text: t`New` })),
      },
      { keys: "[", label: t`Collapse or expand navigation`, run: onToggleRail },
      { keys: "?", label: t`Keyboard shortcuts`, run: () => openOverlay({ name: "shortcuts" }) },
    ],
    { everywhere: true },
  );
  const pages = allowedSections(can).flatMap(({ items }) => items);
  useShortcuts(
    t`Go to`,
    pages.flatMap(({ letter, label, path }) =>
      letter ? [{ keys: `g ${letter}`, label, run: () => void navigate(link(path).replace(/\/$/, "")) }] : [],
    ),
    { everywhere: true },
  );
}
