import { t } from "@lingui/core/macro";
import { IconFlask } from "@tabler/icons-react";
import classes from "./run.module.css";

/** Marks the run of a test, beside its name. */
export const TestMark = () => (
  <IconFlask
    size={14}
    className={classes.testMark}
    role="img"
    aria-label={t`test run`}
    color="var(--jet-muted)"
  />
);
