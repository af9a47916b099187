import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Code } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconKey, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { ConfirmDelete } from "@/domain/records/confirm-delete";
import { ResourceList } from "@/domain/records/resource-list";
import { SettingsTabs } from "@/domain/tenants/settings-tabs";
import { useCan } from "@/lib/api/me";
import type { ApiKey } from "@/lib/api/model";
import { useDelete } from "@/lib/api/resources";
import { serverText } from "@/lib/i18n";
import { PageHeader } from "@/ui/page/page-header";
import { Time } from "@/ui/text/time";
import { CreateKeyDialog } from "./create-key-dialog";

export function ApiKeyList() {
  const can = useCan();
  const revoke = useDelete("apikey");
  const [creating, { open, close }] = useDisclosure();
  const [doomed, setDoomed] = useState<ApiKey | null>(null);
  const create = can("apikey:create") && (
    <Button leftSection={<IconPlus size={16} />} onClick={open}>
      <Trans>New API key</Trans>
    </Button>
  );
  return (
    <>
      <PageHeader title={t`API keys`} actions={create} />
      <SettingsTabs />
      <ResourceList
        kind="apikey"
        noun={[t`key`, t`keys`]}
        defaultSort="-createdAt"
        actions={(key) =>
          can("apikey:delete")
            ? [
                {
                  label: t`Revoke`,
                  icon: <IconTrash size={16} />,
                  danger: true,
                  onClick: () => setDoomed(key),
                },
              ]
            : []
        }
        columns={[
          { label: t`Name`, sortBy: "name", render: ({ name }) => <b style={{ fontWeight: 500 }}>{name}</b> },
          { label: t`Key`, secondary: true, render: ({ prefix }) => <Code>{prefix}…</Code> },
          { label: t`Role`, render: ({ roleName }) => serverText(roleName) },
          {
            label: t`Acts on behalf of`,
            secondary: true,
            render: ({ ownerEmail }) => ownerEmail ?? t`no one (key is inactive)`,
          },
          {
            label: t`Last used`,
            secondary: true,
            render: ({ lastUsedAt }) => (lastUsedAt ? <Time value={lastUsedAt} /> : t`never`),
          },
          {
            label: t`Expires`,
            secondary: true,
            render: ({ expiresAt }) => (expiresAt ? <Time value={expiresAt} /> : t`never`),
          },
          {
            label: t`Created`,
            sortBy: "createdAt",
            secondary: true,
            render: ({ createdAt }) => <Time value={createdAt} />,
          },
        ]}
        empty={{
          icon: IconKey,
          title: t`No API keys yet`,
          text: t`An API key lets a program call this tenant’s API with the permissions of a role.`,
          action: create,
        }}
      />
      <CreateKeyDialog opened={creating} onClose={close} />
      <ConfirmDelete
        title={t`Revoke key?`}
        verb={t`Revoke`}
        name={doomed?.name ?? null}
        consequence={
          <Trans>
            <b>{doomed?.name}</b> stops working immediately, everywhere it is used.
          </Trans>
        }
        onClose={() => setDoomed(null)}
        onDelete={() => (doomed ? revoke.mutateAsync({ id: doomed.id }) : Promise.resolve())}
      />
    </>
  );
}
