import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import type { Run, Step } from "@/lib/api/model";
import {
  choose,
  chooseFor,
  chosenFromText,
  chosenOf,
  chosenToText,
  roundsToChoose,
  stepToShow,
  type Chosen,
} from "@/lib/flow/chosen-rounds";
import { stepKey } from "@/lib/flow/run-state";
import { useLatest } from "@/lib/stable";

/** The URL parameters of the iterations. */
export const ROUND = "round";

/** Which iteration of each loop is shown. It is in the URL, so that it can be shared. */
export function useRounds(run: Run, step: Step | undefined, onSelect: (key: string | null) => void) {
  const [search, setSearch] = useSearchParams();
  const nodes = useMemo(() => run.nodes ?? [], [run.nodes]);
  const steps = useMemo(() => run.steps ?? [], [run.steps]);
  const wished = search.getAll(ROUND).join("\n");
  const rounds = useMemo(
    () => roundsToChoose(nodes, steps, chosenFromText(wished.split("\n"))),
    [nodes, steps, wished],
  );
  const text = chosenToText(chosenOf(rounds)).join("\n");
  // Progress of the run adds iterations, but does not change the selection.
  const chosen = useMemo(() => chosenFromText(text.split("\n")), [text]);

  const write = useCallback(
    (next: Chosen) =>
      setSearch(
        (previous) => {
          previous.delete(ROUND);
          for (const value of chosenToText(next)) previous.append(ROUND, value);
          return previous;
        },
        // at once: the next click counts from this one
        { replace: true, flushSync: true },
      ),
    [setSearch],
  );

  const latest = useLatest({ nodes, steps, chosen, step });

  const chooseRound = useCallback(
    (loop: string, index: number | null) => {
      const { nodes, steps, chosen, step } = latest.current;
      const next = choose(nodes, chosen, loop, index);
      write(next);
      const shown = index === null ? step : stepToShow(nodes, steps, next, loop, step);
      if (shown) onSelect(stepKey(shown));
    },
    [write, onSelect, latest],
  );

  const select = useCallback(
    (key: string | null) => {
      const { nodes, steps, chosen } = latest.current;
      const found = steps.find((one) => stepKey(one) === key);
      const next = found ? chooseFor(nodes, chosen, found) : chosen;
      if (next !== chosen) write(next);
      onSelect(key);
    },
    [write, onSelect, latest],
  );
  return { rounds, chosen, choose: chooseRound, select };
}

export type ChosenRounds = ReturnType<typeof useRounds>;
