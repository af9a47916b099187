import { t } from "@lingui/core/macro";
import { IconCheck, IconX } from "@tabler/icons-react";

/** Shows true or false as a mark. False is not a dash: that is an absent value. */
export const CheckMark = ({ isTrue }: { isTrue: boolean }) =>
  isTrue ? (
    <IconCheck size={15} aria-label={t`yes`} />
  ) : (
    <IconX size={15} aria-label={t`no`} color="var(--jet-muted)" />
  );
