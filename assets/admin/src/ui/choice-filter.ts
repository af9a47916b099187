import { t } from "@lingui/core/macro";
import type { ComboboxItem, OptionsFilter } from "@mantine/core";
import { formatNumber } from "@/lib/format";

/** More than people read through. */
const LISTED = 200;

/** A value that no option has. */
const MORE = "\u0000more";

const isItem = (option: object): option is ComboboxItem => "value" in option;

/**
 * Filters the options by the search, with a note below if there are more. `more`: there are options that are not
 * loaded; `searching`: the server is being asked for those.
 */
export function choiceFilter({ more, searched = false, searching = false }: { more: boolean; searched?: boolean; searching?: boolean }): OptionsFilter {
  return ({ options, search }) => {
    const wanted = search.trim().toLowerCase();
    const items = options.filter(isItem);
    const found = searched ? items : items.filter(({ label }) => label.toLowerCase().includes(wanted));
    const listed = found.slice(0, LISTED);
    if (searching) return [...listed, { value: MORE, label: t`Searching beyond the first ${formatNumber(items.length)} results…`, disabled: true }];
    if (listed.length === 0 || (found.length <= LISTED && !more)) return listed;
    return [...listed, { value: MORE, label: t`Showing the first ${formatNumber(listed.length)}. Type to search.`, disabled: true }];
  };
}
