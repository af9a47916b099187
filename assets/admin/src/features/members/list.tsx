import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconUserMinus, IconUserPlus, IconUsers } from "@tabler/icons-react";
import { useState } from "react";
import type { RecordAction } from "@/domain/records/menu/action-menu";
import { ResourceList } from "@/domain/records/resource-list";
import { SettingsTabs } from "@/domain/tenants/settings-tabs";
import { useMe, useCan } from "@/lib/api/me";
import type { Member } from "@/lib/api/model";
import { PageHeader } from "@/ui/page/page-header";
import { Time } from "@/ui/text/time";
import { Invitations } from "./invitations";
import { InviteDialog } from "./invite-dialog";
import { MemberRole } from "./member-role";
import { RemoveDialog } from "./remove-dialog";

export function MemberList() {
  const can = useCan();
  const me = useMe().data?.user.id;
  const [inviting, { open, close }] = useDisclosure();
  const [leaving, setLeaving] = useState<Member | null>(null);
  const invite = can("member:create") && (
    <Button leftSection={<IconUserPlus size={16} />} onClick={open}>
      <Trans>Invite</Trans>
    </Button>
  );
  const actions = (member: Member): RecordAction[] =>
    can("member:delete")
      ? [
          {
            label: t`Remove`,
            icon: <IconUserMinus size={16} />,
            danger: true,
            onClick: () => setLeaving(member),
          },
        ]
      : [];
  return (
    <>
      <PageHeader title={t`Members`} actions={invite} />
      <SettingsTabs />
      <ResourceList
        kind="member"
        noun={[t`member`, t`members`]}
        rowKey={({ userID }) => userID}
        defaultSort="name"
        actions={actions}
        columns={[
          {
            label: t`Name`,
            sortBy: "name",
            render: (member) => (
              <b style={{ fontWeight: 500 }}>
                {member.userID === me ? t`${member.name || member.email} (you)` : member.name || member.email}
              </b>
            ),
          },
          { label: t`Email`, sortBy: "email", secondary: true, render: ({ email }) => email },
          { label: t`Role`, width: 180, render: (member) => <MemberRole member={member} /> },
          {
            label: t`Joined`,
            sortBy: "joinedAt",
            secondary: true,
            render: ({ joinedAt }) => <Time value={joinedAt} />,
          },
        ]}
        empty={{
          icon: IconUsers,
          title: t`No members`,
          text: t`Members can work in this tenant within the limits of their role.`,
          action: invite,
        }}
      />
      {can("member:create") && (
        <>
          <Title order={2} px={{ base: "lg", sm: "xl" }} pt="md">
            <Trans>Invitations</Trans>
          </Title>
          <Invitations />
        </>
      )}
      <InviteDialog opened={inviting} onClose={close} />
      {leaving && (
        <RemoveDialog member={leaving} isMe={leaving.userID === me} onClose={() => setLeaving(null)} />
      )}
    </>
  );
}
