import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Avatar, Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { lazy } from "react";
import { useMe } from "@/lib/api/me";
import { initials } from "@/lib/format/format";
import { OnDemand } from "@/ui/on-demand";
import classes from "../shell.module.css";

const load = async () => ({ default: (await import("./user-menu-panel")).UserMenuPanel });
const Panel = lazy(load);

export function UserMenu({ compact = false }: { compact?: boolean }) {
  const { data } = useMe();
  const name = data?.user.name || data?.user.email || "";
  return (
    <OnDemand panel={Panel} preload={() => void load()}>
      <UnstyledButton className={classes.user}>
        <Avatar src={data?.user.photoUrl ?? null} alt="" size={24} radius="xl" color="gray" aria-hidden>
          {initials(name)}
        </Avatar>
        {compact ? (
          <VisuallyHidden>{t`Account menu of ${name}`}</VisuallyHidden>
        ) : (
          <Text size="sm" truncate flex={1}>
            <Trans>
              <VisuallyHidden>Account menu of </VisuallyHidden>
              {name}
            </Trans>
          </Text>
        )}
      </UnstyledButton>
    </OnDemand>
  );
}
