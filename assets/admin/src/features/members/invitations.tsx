import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { IconMailOpened, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { ConfirmDelete } from "@/domain/records/confirm-delete";
import { ResourceList } from "@/domain/records/resource-list";
import { useCan } from "@/lib/api/me";
import type { Invitation } from "@/lib/api/model";
import { useDelete } from "@/lib/api/resources";
import { serverText } from "@/lib/i18n";
import { Time } from "@/ui/text/time";

export function Invitations() {
  const can = useCan();
  const withdraw = useDelete("invitation");
  const [doomed, setDoomed] = useState<Invitation | null>(null);
  return (
    <>
      <ResourceList
        kind="invitation"
        noun={[t`invitation`, t`invitations`]}
        searchable={false}
        defaultSort="-createdAt"
        actions={(invitation) =>
          can("member:delete")
            ? [
                {
                  label: t`Withdraw`,
                  icon: <IconTrash size={16} />,
                  danger: true,
                  onClick: () => setDoomed(invitation),
                },
              ]
            : []
        }
        columns={[
          { label: t`Email`, render: ({ email }) => email },
          { label: t`Role`, width: 180, render: ({ roleName }) => serverText(roleName) },
          { label: t`Expires`, secondary: true, render: ({ expiresAt }) => <Time value={expiresAt} /> },
        ]}
        empty={{
          icon: IconMailOpened,
          title: t`No pending invitations`,
          text: t`Invite members with the button at the top. Invitations stay here until they are accepted.`,
        }}
      />
      <ConfirmDelete
        title={t`Withdraw invitation?`}
        verb={t`Withdraw`}
        name={doomed?.email ?? null}
        consequence={
          <Trans>
            <b>{doomed?.email}</b> can no longer use the link.
          </Trans>
        }
        onClose={() => setDoomed(null)}
        onDelete={() => (doomed ? withdraw.mutateAsync({ id: doomed.id }) : Promise.resolve())}
      />
    </>
  );
}
