import { Trans } from "@lingui/react/macro";
import { CloseButton, Button, Text } from "@mantine/core";
import { t } from "@lingui/core/macro";
import { useState } from "react";
import type { Condition } from "@/lib/rows/conditions";
import { Problem } from "../../actions/problem";
import { useSuccesses } from "../../actions/successes";
import classes from "./table.module.css";

interface Counted {
  /** The number of all rows, and of those that the reader's search and filters leave; null while unknown. */
  whole: number | null;
  found: number | null;
  /** Whether the numbers belong to the present search and filters. */
  isSettled: boolean;
  isFiltered: boolean;
  /** Identifies the search and the filters. */
  subject: string;
}

interface Watched {
  successes: number;
  /** The numbers when an action succeeded that may have created a row. */
  before: { whole: number; found: number; subject: string } | null;
  /** The search and the filters that hide a new row. */
  hiddenBy: string | null;
}

/** Returns whether the reader's search or filters hide the row that an action has just created. */
function useHiddenRow({ whole, found, isSettled, isFiltered, subject }: Counted) {
  const successes = useSuccesses();
  const [watched, setWatched] = useState<Watched>({ successes, before: null, hiddenBy: null });
  const { before } = watched;
  if (successes !== watched.successes) {
    const isKnown = isFiltered && whole !== null && found !== null;
    setWatched({ successes, before: isKnown ? { whole, found, subject } : null, hiddenBy: null });
  } else if (before && before.subject !== subject) {
    setWatched({ ...watched, before: null });
  } else if (before && isSettled && whole !== null && found !== null && whole > before.whole) {
    setWatched({ ...watched, before: null, hiddenBy: found > before.found ? null : subject });
  }
  return {
    isHidden: isFiltered && watched.hiddenBy === subject,
    dismiss: () => setWatched({ ...watched, hiddenBy: null }),
  };
}

interface TableNoticesProps {
  error: unknown;
  onRetry: () => void;
  view: {
    text: string;
    setText: (text: string) => void;
    filters: readonly Condition[];
    setFilters: (filters: Condition[]) => void;
  };
  counts: Pick<Counted, "whole" | "found">;
  isSettled: boolean;
}

/** Shown above the rows: why they could not be loaded, and that a new one is not among them. */
export function TableNotices({ error, onRetry, view, counts, isSettled }: TableNoticesProps) {
  const { text, filters } = view;
  const hidden = useHiddenRow({
    ...counts,
    isSettled,
    isFiltered: text.trim() !== "" || filters.some(({ value }) => value !== ""),
    subject: JSON.stringify([text, filters]),
  });
  const clear = () => {
    view.setText("");
    view.setFilters([]);
  };
  return (
    <>
      {error !== null && (
        <div className={classes.refused}>
          <Problem error={error} onRetry={onRetry} />
        </div>
      )}
      <div role="status" className={classes.hiddenRow}>
        {hidden.isHidden && (
          <>
            <Text size="sm">
              <Trans>Row created. The filters hide it.</Trans>
            </Text>
            <Button size="compact-xs" variant="default" onClick={clear}>
              <Trans>Clear filters</Trans>
            </Button>
            <CloseButton size="sm" ml="auto" aria-label={t`Dismiss`} onClick={hidden.dismiss} />
          </>
        )}
      </div>
    </>
  );
}
