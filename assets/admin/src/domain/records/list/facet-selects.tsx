import { t } from "@lingui/core/macro";
import { Select } from "@mantine/core";
import { useSearchParams } from "react-router";
import type { Facet } from "./facets";

/** The controls of a list's filters. */
export function FacetSelects({ facets }: { facets: readonly Facet[] }) {
  const [search, setSearch] = useSearchParams();
  return facets
    .filter(({ options }) => options.length > 1)
    .map(({ name, label, options }) => (
      <Select
        key={name}
        aria-label={t`Filter by: ${label}`}
        placeholder={label}
        clearable
        searchable={options.length > 8}
        w={170}
        maw="100%"
        data={options}
        value={search.get(name)}
        onChange={(value) =>
          setSearch(
            (previous) => {
              if (value) previous.set(name, value);
              else previous.delete(name);
              return previous;
            },
            { replace: true },
          )
        }
      />
    ));
}
