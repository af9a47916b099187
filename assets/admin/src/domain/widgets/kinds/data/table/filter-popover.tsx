import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Indicator, Popover, Stack, Tooltip } from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import classes from "./table.module.css";

/** The least height in pixels: in less room, it covers the table. */
const LEAST = 200;
const HIGHEST = 520;

interface FilterPopoverProps {
  name: string;
  /** The number of filters that apply. */
  active: number;
  onClear: () => void;
  /** Shown beside the button that clears them. */
  foot?: React.ReactNode;
  children: React.ReactNode;
}

/** The button with the number of filters, and the filters over the table: they scroll where they do not fit. */
export function FilterPopover({ name, active, onClear, foot, children }: FilterPopoverProps) {
  return (
    <Popover
      position="bottom-end"
      width={340}
      trapFocus
      withinPortal
      shadow="md"
      middlewares={{
        size: {
          padding: 8,
          apply: ({ availableHeight, elements }) => {
            elements.floating.style.maxHeight = `${Math.min(HIGHEST, Math.max(LEAST, availableHeight))}px`;
          },
        },
      }}
    >
      <Popover.Target>
        <Tooltip label={t`Filter`}>
          <Indicator disabled={active === 0} label={active} size={14} offset={4} color="accent">
            <ActionIcon size="sm" aria-label={name} aria-haspopup="dialog">
              <IconFilter size={15} />
            </ActionIcon>
          </Indicator>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label={name} className={classes.filters}>
        <Stack gap="sm">
          {children}
          {(foot || active > 0) && (
            <Group justify={foot ? "space-between" : "flex-end"}>
              {foot}
              {active > 0 && (
                <Button size="xs" variant="subtle" color="gray" onClick={onClear}>
                  <Trans>Clear</Trans>
                </Button>
              )}
            </Group>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
