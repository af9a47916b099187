import { t } from "@lingui/core/macro";
import { Button, Select } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { IconFilter } from "@tabler/icons-react";
import { useSearchParams } from "react-router";
import type { Facet } from "./facets";

/** The controls of a list's filters; behind a button where there is no room for several. */
export function FacetSelects({ facets }: { facets: readonly Facet[] }) {
  const [search] = useSearchParams();
  const isNarrow = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  const [isOpen, { toggle }] = useDisclosure();
  const offered = facets.filter(({ options, isOptional }) => options.length > (isOptional ? 0 : 1));
  const selects = offered.map((facet) => <FacetSelect key={facet.name} facet={facet} />);
  if (!isNarrow || offered.length < 2) return selects;
  const active = offered.filter(({ name }) => search.has(name)).length;
  return (
    <>
      <Button
        variant={active > 0 ? "light" : "default"}
        leftSection={<IconFilter size={16} />}
        aria-expanded={isOpen}
        onClick={toggle}
      >
        {active > 0 ? t`Filters (${active})` : t`Filters`}
      </Button>
      {isOpen && selects}
    </>
  );
}

function FacetSelect({ facet: { name, label, options } }: { facet: Facet }) {
  const [search, setSearch] = useSearchParams();
  return (
    <Select
      aria-label={t`Filter by: ${label}`}
      placeholder={label}
      clearable
      searchable={options.length > 8}
      // The longest labels are longer than what is usually selected.
      style={{ "--filter-width": `${Math.max(100, 50 + 7 * label.length)}px` }}
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
  );
}
