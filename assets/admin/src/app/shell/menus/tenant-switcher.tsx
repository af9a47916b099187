import { Trans } from "@lingui/react/macro";
import { Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconSelector } from "@tabler/icons-react";
import { lazy } from "react";
import { useMembership } from "@/lib/api/me";
import { OnDemand } from "@/ui/on-demand";
import classes from "../shell.module.css";
import { TenantLogo } from "./tenant-logo";

const load = async () => ({ default: (await import("./tenant-menu-panel")).TenantMenuPanel });
const Panel = lazy(load);

export function TenantSwitcher({ compact = false }: { compact?: boolean }) {
  const current = useMembership();
  return (
    <OnDemand panel={Panel} preload={() => void load()}>
      <UnstyledButton className={classes.tenant}>
        <TenantLogo tenant={current} />
        {compact ? (
          <VisuallyHidden>{current?.name}</VisuallyHidden>
        ) : (
          <>
            <Text fw={600} size="md" truncate flex={1}>
              {current?.name}
            </Text>
            <IconSelector size={16} aria-hidden />
          </>
        )}
        <VisuallyHidden>
          <Trans>switch tenant</Trans>
        </VisuallyHidden>
      </UnstyledButton>
    </OnDemand>
  );
}
