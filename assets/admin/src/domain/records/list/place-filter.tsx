import { t } from "@lingui/core/macro";
import { Select } from "@mantine/core";
import { useSearchParams } from "react-router";
import { useCan } from "@/lib/api/me";
import { useWholeList } from "@/lib/api/whole-list";
import type { ListParams } from "@/lib/api/resources";

/** The name in the URL. */
const NAME = "in";
const ALL = "all";
/** What the server calls the library. */
const LIBRARY = "none";

/** Filters a list by where its records are: in the library, which is the default, on one dashboard, or anywhere. */
export function usePlaceFilter(): { params: ListParams; filters: React.ReactNode } {
  const can = useCan();
  const [search, setSearch] = useSearchParams();
  const chosen = search.get(NAME) ?? LIBRARY;
  const dashboards = useWholeList("dashboard", { enabled: can("dashboard:list") }).items ?? [];
  const choose = (value: string | null) =>
    setSearch(
      (old) => {
        if (!value || value === LIBRARY) old.delete(NAME);
        else old.set(NAME, value);
        return old;
      },
      { replace: true },
    );
  const filters = (
    <Select
      aria-label={t`Where`}
      style={{ "--filter-width": "160px" }}
      value={chosen}
      searchable={dashboards.length > 8}
      data={[
        { value: LIBRARY, label: t`In the library` },
        { value: ALL, label: t`Everywhere` },
        ...(dashboards.length > 0
          ? [
              {
                group: t`On a dashboard`,
                items: dashboards.map(({ id, name }) => ({ value: id, label: name })),
              },
            ]
          : []),
      ]}
      onChange={choose}
    />
  );
  return { params: { dashboardID: chosen === ALL ? null : chosen }, filters };
}
