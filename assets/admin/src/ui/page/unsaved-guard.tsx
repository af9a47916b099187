import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, getDefaultZIndex, Group, Modal, Stack, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { useBlocker, type Location } from "react-router";
import { isSettled, useUnsavedClaim } from "@/lib/session/unsaved";

interface UnsavedGuardProps {
  dirty: boolean;
  /** Saves the changes; false if that failed, and the page shows why. */
  onSave?: (() => Promise<boolean>) | undefined;
  /** Whether going there loses something; every other page does if absent. Asked when it happens. */
  loses?: ((next: Location, current: Location) => boolean) | undefined;
  /** Called when the changes are given up. */
  onLeave?: ((next: Location) => void) | undefined;
}

/**
 * Confirms leaving a page with unsaved changes, inside the app and when the tab is closed. A page that leaves after a
 * save uses `navigate(to, settled)`.
 */
export function UnsavedGuard({ dirty, onSave, loses, onLeave }: UnsavedGuardProps) {
  useUnsavedClaim(dirty);
  const [isSaving, setIsSaving] = useState(false);
  const isLost =
    loses ?? ((next: Location, current: Location) => dirty && current.pathname !== next.pathname);
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      !isSettled(nextLocation.state) && isLost(nextLocation, currentLocation),
  );
  const leave = () => {
    if (blocker.location) onLeave?.(blocker.location);
    blocker.proceed?.();
  };

  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [dirty]);

  const saveAndLeave = async (save: () => Promise<boolean>) => {
    setIsSaving(true);
    const isSaved = await save();
    setIsSaving(false);
    if (isSaved) blocker.proceed?.();
    else blocker.reset?.();
  };

  return (
    <Modal
      opened={blocker.state === "blocked"}
      onClose={() => blocker.reset?.()}
      // Above a drawer that is open, which is mounted later.
      zIndex={getDefaultZIndex("overlay")}
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
          <Button {...(onSave ? { variant: "default" } : {})} color="red" onClick={leave}>
            <Trans>Leave</Trans>
          </Button>
          {onSave && (
            <Button loading={isSaving} onClick={() => void saveAndLeave(onSave)}>
              <Trans>Save and leave</Trans>
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
