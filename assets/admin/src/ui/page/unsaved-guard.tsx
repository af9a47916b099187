import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useEffect } from "react";
import { useBlocker } from "react-router";
import { isSettled, useUnsavedClaim } from "@/lib/session/unsaved";

/**
 * Confirms leaving a page with unsaved changes, inside the app and when the tab is closed. A page that leaves after a
 * save uses `navigate(to, settled)`.
 */
export function UnsavedGuard({ dirty }: { dirty: boolean }) {
  useUnsavedClaim(dirty);
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      dirty && currentLocation.pathname !== nextLocation.pathname && !isSettled(nextLocation.state),
  );

  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [dirty]);

  return (
    <Modal
      opened={blocker.state === "blocked"}
      onClose={() => blocker.reset?.()}
      title={t`Leave without saving?`}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <Stack gap="lg">
        <Text>
          <Trans>Your changes on this page have not been saved.</Trans>
        </Text>
        <Group justify="flex-end">
          <Button variant="default" data-autofocus onClick={() => blocker.reset?.()}>
            <Trans>Stay</Trans>
          </Button>
          <Button color="red" onClick={() => blocker.proceed?.()}>
            <Trans>Leave</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
