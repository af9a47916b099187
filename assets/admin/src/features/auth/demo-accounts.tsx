import { t } from "@lingui/core/macro";
import { Avatar, Text, UnstyledButton } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";
import type { Setup } from "@/lib/api/model";
import { initials } from "@/lib/format/format";
import { serverText } from "@/lib/i18n";
import classes from "./auth-page.module.css";

type Account = Setup["demoAccounts"][number];

/** Signs in to an account of a demo server with one click. */
export function DemoAccounts({
  accounts,
  busy,
  onChoose,
}: {
  accounts: Account[];
  busy: boolean;
  onChoose: (account: Account) => void;
}) {
  return (
    <div className={classes.accounts} role="group" aria-label={t`Demo accounts`}>
      {accounts.map((account) => (
        <UnstyledButton
          key={account.email}
          className={classes.account}
          disabled={busy}
          onClick={() => onChoose(account)}
        >
          <Avatar size={28} radius="xl" alt="" aria-hidden>
            {initials(serverText(account.role))}
          </Avatar>
          <span style={{ flex: 1, minWidth: 0 }}>
            <Text size="md" fw={500}>
              {serverText(account.role)}
            </Text>
            <Text size="xs" c="dimmed" truncate>
              {account.email}
            </Text>
          </span>
          <IconArrowRight size={16} color="var(--jet-muted)" aria-hidden />
        </UnstyledButton>
      ))}
    </div>
  );
}
