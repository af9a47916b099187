import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Tooltip } from "@mantine/core";
import { IconAlertCircle, IconChevronLeft, IconChevronRight, IconStack2 } from "@tabler/icons-react";
import { NodeToolbar, Position } from "@xyflow/react";
import { nextOf, type Rounds } from "@/lib/flow/chosen-rounds";
import { formatNumber } from "@/lib/format/format";
import classes from "./round-chooser.module.css";

interface RoundChooserProps {
  /** The loop's name. */
  name: string;
  rounds: Rounds;
  onChoose: (index: number | null) => void;
}

const arrows: Record<string, (told: readonly number[], at: number) => number | undefined> = {
  ArrowLeft: (told, at) => told[Math.max(at - 1, 0)],
  ArrowRight: (told, at) => told[Math.min(at + 1, told.length - 1)],
  Home: (told) => told[0],
  End: (told) => told.at(-1),
};

/**
 * Selects the iteration of a loop that the graph shows; above the loop's frame, at a fixed size. The arrow keys switch
 * iterations.
 */
export function RoundChooser({ name, rounds: { total, told, failed, chosen }, onChoose }: RoundChooserProps) {
  const at = chosen === null ? -1 : told.indexOf(chosen);
  const place = (chosen ?? 0) + 1;
  const count = formatNumber(total ?? told.length);
  const nextFailed = nextOf(failed, chosen);
  const onKeyDown = (event: React.KeyboardEvent) => {
    const to = arrows[event.key]?.(told, at);
    if (to === undefined) return;
    // The canvas would move the selected nodes.
    event.preventDefault();
    event.stopPropagation();
    if (to !== chosen) onChoose(to);
  };
  return (
    <NodeToolbar isVisible position={Position.Top} align="start" offset={6} className="nodrag nopan">
      <div
        role="group"
        aria-label={t`Iterations of ${name}`}
        className={classes.chooser}
        onKeyDown={onKeyDown}
        onClick={(event) => event.stopPropagation()}
      >
        <button
          type="button"
          aria-label={t`Previous iteration`}
          disabled={at === 0}
          onClick={() => onChoose(told[at < 0 ? told.length - 1 : at - 1] ?? null)}
        >
          <IconChevronLeft size={16} aria-hidden />
        </button>
        <span className={classes.where} aria-live="polite">
          {chosen === null ? (
            <Trans>All {count} iterations</Trans>
          ) : (
            <Trans>
              Iteration {place}{" "}
              <span className={classes.of}>
                {at + 1} / {count}
              </span>
            </Trans>
          )}
        </span>
        <button
          type="button"
          aria-label={t`Next iteration`}
          disabled={at === told.length - 1}
          onClick={() => onChoose(told[at + 1] ?? null)}
        >
          <IconChevronRight size={16} aria-hidden />
        </button>
        {nextFailed !== undefined && (
          <Tooltip label={t`Next failed iteration`}>
            <button
              type="button"
              className={classes.failed}
              aria-label={t`Next of ${plural(failed.length, { one: "# failed iteration", other: "# failed iterations" })}`}
              onClick={() => onChoose(nextFailed)}
            >
              <IconAlertCircle size={16} aria-hidden />
              {formatNumber(failed.length)}
            </button>
          </Tooltip>
        )}
        {chosen !== null && (
          <Tooltip label={t`All iterations`}>
            <button type="button" aria-label={t`All iterations`} onClick={() => onChoose(null)}>
              <IconStack2 size={16} aria-hidden />
            </button>
          </Tooltip>
        )}
      </div>
    </NodeToolbar>
  );
}
