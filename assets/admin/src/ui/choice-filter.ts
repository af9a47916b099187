import { t } from "@lingui/core/macro";
import type { ComboboxItem, OptionsFilter } from "@mantine/core";
import { formatNumber } from "@/lib/format";

/** More than anybody reads through. */
const LISTED = 200;

/** No value of an option. */
const MORE = "\u0000more";

const isItem = (option: object): option is ComboboxItem => "value" in option;

/** Lists the options that contain the search, and says below them when there are more. `more`: beyond those that are known; `searched`: the server has found them, except for `kept`, which was selected before; `searching`: the server is asked for more. */
export function choiceFilter({ more, searched = false, searching = false, kept }: { more: boolean; searched?: boolean; searching?: boolean; kept?: string }): OptionsFilter {
  return ({ options, search }) => {
    const wanted = search.trim().toLowerCase();
    const items = options.filter(isItem);
    const found = items.filter(({ value, label }) => (searched && value !== kept) || label.toLowerCase().includes(wanted));
    const listed = found.slice(0, LISTED);
    if (searching) return [...listed, { value: MORE, label: t`Searching beyond the first ${formatNumber(items.length)}…`, disabled: true }];
    if (listed.length === 0 || (found.length <= LISTED && !more)) return listed;
    return [...listed, { value: MORE, label: t`There are more than these ${formatNumber(listed.length)}: type to search.`, disabled: true }];
  };
}
