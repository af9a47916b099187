import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Center, Stack, Text, Title } from "@mantine/core";
import { createContext, useContext } from "react";
import { Link } from "react-router";

/** Whether a layout around it already is the page's `main`. */
export const InsideMain = createContext(false);

/** A page that consists of a message. */
export function PlainPage({ title, children }: { title: string; children?: React.ReactNode }) {
  const inside = useContext(InsideMain);
  return (
    <Center component={inside ? "div" : "main"} mih="60vh" p="xl">
      <Stack gap="md" maw={480} w="100%">
        <Title order={1}>{title}</Title>
        {children}
      </Stack>
    </Center>
  );
}

export function NotFound() {
  return (
    <PlainPage title={t`Page not found`}>
      <Text c="dimmed">
        <Trans>The URL may be wrong, or the page may have been deleted.</Trans>
      </Text>
      <Anchor component={Link} to="/">
        <Trans>Go to the home page</Trans>
      </Anchor>
    </PlainPage>
  );
}

export function NoAccess({ permission }: { permission?: string }) {
  return (
    <PlainPage title={t`You do not have access to this page`}>
      <Text c="dimmed">
        {permission
          ? t`Your role in this tenant does not have the permission “${permission}”. Ask an owner for access.`
          : t`You are not a member of this tenant. Ask an owner to invite you.`}
      </Text>
      <Anchor component={Link} to="/">
        <Trans>Go to the home page</Trans>
      </Anchor>
    </PlainPage>
  );
}
