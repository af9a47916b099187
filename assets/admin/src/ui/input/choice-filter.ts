import { t } from "@lingui/core/macro";
import type { ComboboxItem, OptionsFilter } from "@mantine/core";
import { formatNumber } from "@/lib/format/format";

/** More than people read through. */
const LISTED = 200;

/** A value that no option has. */
const MORE = "\u0000more";

const isItem = (option: object): option is ComboboxItem => "value" in option;

/**
 * Filters the options by the search, with a note below if there are more. `more`: there are options that are not
 * loaded; `searched`: the server found them, except for `kept`, which was selected before; `searching`: the server is
 * being asked for more.
 */
export function choiceFilter({
  more,
  searched = false,
  searching = false,
  kept,
}: {
  more: boolean;
  searched?: boolean;
  searching?: boolean;
  kept?: string;
}): OptionsFilter {
  return ({ options, search }) => {
    const wanted = search.trim().toLowerCase();
    const items = options.filter(isItem);
    const found = items.filter(
      ({ value, label }) => (searched && value !== kept) || label.toLowerCase().includes(wanted),
    );
    const listed = found.slice(0, LISTED);
    if (searching)
      return [
        ...listed,
        {
          value: MORE,
          label: t`Searching beyond the first ${formatNumber(items.length)} results…`,
          disabled: true,
        },
      ];
    if (listed.length === 0 || (found.length <= LISTED && !more)) return listed;
    return [
      ...listed,
      {
        value: MORE,
        label: t`Showing the first ${formatNumber(listed.length)}. Type to search.`,
        disabled: true,
      },
    ];
  };
}
