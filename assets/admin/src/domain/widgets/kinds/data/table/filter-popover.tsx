import { ActionIcon, Indicator, Popover, Tooltip } from "@mantine/core";
import { t } from "@lingui/core/macro";
import { IconFilter } from "@tabler/icons-react";
import classes from "./table.module.css";

/** The least height in pixels: in less room, it covers the table. */
const LEAST = 200;
const HIGHEST = 440;

interface FilterPopoverProps {
  name: string;
  /** The number of filters that apply. */
  active: number;
  children: React.ReactNode;
}

/** The button with the number of filters, and the filters over the table: they scroll where they do not fit. */
export function FilterPopover({ name, active, children }: FilterPopoverProps) {
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
        {children}
      </Popover.Dropdown>
    </Popover>
  );
}
