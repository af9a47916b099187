import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Tooltip } from "@mantine/core";
import { IconEyeCheck, IconListTree, IconPlayerPlayFilled, IconPlayerStop } from "@tabler/icons-react";
import classes from "./data-queries.module.css";
import type { Runner } from "./run";

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);
const keys = { run: isMac ? "⌘↵" : t`Ctrl ↵`, other: isMac ? "⌘⇧↵" : t`Ctrl ⇧ ↵` };

export interface Offers {
  explain: boolean;
  preview: boolean;
}

/** Runs the query, and offers what else its datasource supports. */
export function RunButtons({ runner, offers }: { runner: Runner; offers: Offers }) {
  if (runner.running) {
    return (
      <Button variant="default" leftSection={<IconPlayerStop size={16} />} onClick={runner.cancel}>
        <Trans>Cancel</Trans>
      </Button>
    );
  }
  return (
    <>
      {offers.explain && (
        <Other
          label={t`Explain`}
          about={t`Show the execution plan without running the query`}
          icon={<IconListTree size={16} />}
          onClick={runner.explain}
          {...(offers.preview ? {} : { shortcut: keys.other })}
        />
      )}
      {offers.preview && (
        <Other
          label={t`Preview changes`}
          about={t`Runs in a transaction and rolls back`}
          icon={<IconEyeCheck size={16} />}
          shortcut={keys.other}
          onClick={runner.preview}
        />
      )}
      <Button
        leftSection={<IconPlayerPlayFilled size={14} />}
        rightSection={
          <span className={classes.keys} aria-hidden>
            {keys.run}
          </span>
        }
        aria-keyshortcuts={isMac ? "Meta+Enter" : "Control+Enter"}
        onClick={() => void runner.start()}
      >
        <Trans>Run</Trans>
      </Button>
    </>
  );
}

/** Explains why unsaved changes cannot be run. */
export function RunAfterSaving() {
  return (
    <Button
      disabled
      leftSection={<IconPlayerPlayFilled size={14} />}
      title={t`Save first: only roles that can create queries can run unsaved changes`}
    >
      <Trans>Run</Trans>
    </Button>
  );
}

interface OtherProps {
  label: string;
  about: string;
  icon: React.ReactNode;
  shortcut?: string;
  onClick: () => Promise<void>;
}

function Other({ label, about, icon, shortcut, onClick }: OtherProps) {
  return (
    <Tooltip label={shortcut ? `${about} (${shortcut})` : about}>
      <Button
        variant="default"
        className={classes.other ?? ""}
        leftSection={icon}
        aria-label={label}
        onClick={() => void onClick()}
        {...(shortcut ? { "aria-keyshortcuts": isMac ? "Meta+Shift+Enter" : "Control+Shift+Enter" } : {})}
      >
        <span className={classes.otherLabel}>{label}</span>
      </Button>
    </Tooltip>
  );
}
