import { t } from "@lingui/core/macro";
import { useCallback, useEffect, useState } from "react";
import { useNavigate, useParams } from "react-router";
import type { Destination } from "@/domain/widgets/kinds/destination";
import type { Dashboard, JsonObject } from "@/lib/api/model";
import { useLatest } from "@/lib/stable";
import type { Row } from "@/lib/rows/cells";
import { fillUrl, fillValues, unresolvedIn, type Scope } from "@/lib/templates/placeholders";
import { notify } from "@/ui/feedback/notify";
import { textOfValue } from "@/domain/variables/variables";

/** The item that is open in the drawer, and the row that opened it. */
export interface OpenedItem {
  key: string;
  row: Row | undefined;
}

/** Returns the search of a dashboard's URL with values for its variables; empty ones keep their defaults. */
export function searchFor(values: JsonObject): string {
  const texts = Object.entries(values).map(([name, value]) => [name, textOfValue(value)] as const);
  return new URLSearchParams(
    texts.filter(([, text]) => text !== "").map(([name, text]) => [name, text]),
  ).toString();
}

/** Opens a URL; one of another server in a new tab without access to this page. */
function openUrl(url: string) {
  if (url.startsWith("/")) window.location.assign(url);
  else window.open(url, "_blank", "noopener,noreferrer");
}

/** Opens what selected rows and actions lead to, for people with and without an account. */
export function useOpenings({ items }: Pick<Dashboard, "items">, openTab: (key: string) => void) {
  const navigate = useNavigate();
  const { tenantID } = useParams();
  const [opened, setOpened] = useState<OpenedItem | null>(null);
  const [shown, setShown] = useState<string | null>(null);
  useShowItem(shown, () => setShown(null));

  const openWidget = (widgetID: string, row: Row | undefined) => {
    const there = items.filter((item) => item.widgetID === widgetID);
    const item = there.find(({ drawer }) => drawer === true) ?? there[0];
    if (!item)
      return notify.warn(
        t`This dashboard does not contain the widget to open. Add it in the dashboard editor.`,
      );
    if (item.drawer === true) return setOpened({ key: item.key, row });
    if (item.tab) openTab(item.tab);
    setShown(item.key);
  };
  const open = (to: Destination, scope: Scope): void => {
    if (to.type === "widget") return openWidget(to.widgetID, scope.row);
    const [missing] = unresolvedIn(to.type === "url" ? to.url : to.variables, scope);
    if (missing !== undefined)
      return notify.warn(t`Not opened: ${missing} has no value here. Check the settings of the widget.`);
    if (to.type === "url") {
      const url = fillUrl(to.url, scope);
      return url === null ? notify.warn(t`Not opened: the values do not form a valid URL.`) : openUrl(url);
    }
    // People without an account have no other dashboards.
    if (!tenantID) return;
    setOpened(null);
    const search = searchFor(fillValues(to.variables, scope));
    void navigate({ pathname: `/t/${tenantID}/dashboards/${to.dashboardID}`, search });
  };
  const latest = useLatest(open);
  return {
    opened,
    close: useCallback(() => setOpened(null), []),
    open: useCallback((to: Destination, scope: Scope) => latest.current(to, scope), [latest]),
  };
}

/** Scrolls to an item and moves the focus there, once it is on the page. */
function useShowItem(key: string | null, onShown: () => void) {
  const done = useLatest(onShown);
  useEffect(() => {
    if (key === null) return;
    const frame = document.querySelector<HTMLElement>(`[data-item="${CSS.escape(key)}"]`);
    if (!frame) return;
    frame.scrollIntoView({ block: "nearest" });
    const controls = frame.querySelectorAll<HTMLElement>("input, textarea, select, button, [tabindex='0']");
    const target = [...controls].find((control) => !control.closest("header"));
    target?.focus({ preventScroll: true });
    done.current();
  });
}
