import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Menu, Tooltip } from "@mantine/core";
import { IconChevronDown, IconRefresh } from "@tabler/icons-react";

const choices = [0, 5, 10, 30, 60, 300, 900];

const words = (seconds: number) =>
  seconds === 0 ? t`Off` : seconds < 60 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;

interface RefreshControlProps {
  seconds: number;
  loading: boolean;
  onRefresh: () => void;
  onSeconds: (seconds: number) => void;
}

/** Refreshes the dashboard now or at an interval. */
export function RefreshControl({ seconds, loading, onRefresh, onSeconds }: RefreshControlProps) {
  const offered = choices.includes(seconds) ? choices : [...choices, seconds].sort((a, b) => a - b);
  return (
    <Group gap={0} wrap="nowrap">
      <Tooltip label={t`Refresh now`}>
        <ActionIcon size={32} aria-label={t`Refresh now`} loading={loading} onClick={onRefresh}>
          <IconRefresh size={16} />
        </ActionIcon>
      </Tooltip>
      <Menu position="bottom-end" width={140}>
        <Menu.Target>
          <Button
            variant="subtle"
            color="gray"
            px={6}
            rightSection={<IconChevronDown size={14} />}
            aria-label={t`Auto-refresh: ${words(seconds)}`}
            fw={400}
          >
            {words(seconds)}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            <Trans>Auto-refresh</Trans>
          </Menu.Label>
          {offered.map((choice) => (
            <Menu.Item
              key={choice}
              onClick={() => onSeconds(choice)}
              {...(choice === seconds ? { fw: 600, "aria-current": true } : {})}
            >
              {words(choice)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
