import { t } from "@lingui/core/macro";
import { ActionIcon, Text } from "@mantine/core";
import { IconArrowRight, IconX } from "@tabler/icons-react";
import { useLocation, useNavigate } from "react-router";
import classes from "./next-step.module.css";

/** Passed to `navigate` after a record was created: its page then shows the next step. */
export const justMade = { state: { settled: true, made: true } };

/** The next step after a record was created, on its page. */
export function NextStep({ text, action }: { text: string; action: React.ReactNode }) {
  const location = useLocation();
  const navigate = useNavigate();
  const made = (location.state as { made?: boolean } | null)?.made === true;
  if (!made || !action) return null;
  return (
    <aside className={classes.step} aria-label={t`Next step`}>
      <IconArrowRight size={16} stroke={1.6} aria-hidden />
      <Text size="sm">{text}</Text>
      {action}
      <ActionIcon
        ml="auto"
        aria-label={t`Not now`}
        onClick={() => void navigate(location, { replace: true, state: null })}
      >
        <IconX size={16} />
      </ActionIcon>
    </aside>
  );
}
