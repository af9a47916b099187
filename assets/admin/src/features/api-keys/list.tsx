import { Button, Code } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconKey, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useCan } from "@/lib/api/me";
import type { ApiKey } from "@/lib/api/model";
import { useDelete } from "@/lib/api/resources";
import { ConfirmDelete } from "@/ui/confirm-delete";
import { PageHeader } from "@/ui/page-header";
import { ResourceList } from "@/ui/resource-list";
import { SettingsTabs } from "@/ui/settings-tabs";
import { Time } from "@/ui/time";
import { CreateKeyDialog } from "./create-key-dialog";

export function ApiKeyList() {
  const can = useCan();
  const revoke = useDelete("apikey");
  const [creating, { open, close }] = useDisclosure();
  const [doomed, setDoomed] = useState<ApiKey | null>(null);
  const create = can("apikey:create") && (
    <Button leftSection={<IconPlus size={16} />} onClick={open}>
      New key
    </Button>
  );
  return (
    <>
      <PageHeader title="API keys" actions={create} />
      <SettingsTabs />
      <ResourceList
        kind="apikey"
        noun={["key", "keys"]}
        defaultSort="-createdAt"
        actions={(key) => (can("apikey:delete") ? [{ label: "Revoke", icon: <IconTrash size={16} />, danger: true, onClick: () => setDoomed(key) }] : [])}
        columns={[
          { label: "Name", sortBy: "name", render: ({ name }) => <b style={{ fontWeight: 500 }}>{name}</b> },
          { label: "Key", secondary: true, render: ({ prefix }) => <Code>{prefix}…</Code> },
          { label: "Role", render: ({ roleName }) => roleName },
          { label: "Last used", secondary: true, render: ({ lastUsedAt }) => (lastUsedAt ? <Time value={lastUsedAt} /> : "never") },
          { label: "Ends", secondary: true, render: ({ expiresAt }) => (expiresAt ? <Time value={expiresAt} /> : "never") },
          { label: "Made", sortBy: "createdAt", secondary: true, render: ({ createdAt }) => <Time value={createdAt} /> },
        ]}
        empty={{ icon: IconKey, title: "No API keys yet", text: "A key lets a program call the API of this tenant, with the rights of a role.", action: create }}
      />
      <CreateKeyDialog opened={creating} onClose={close} />
      <ConfirmDelete
        noun="key"
        verb="Revoke"
        name={doomed?.name ?? null}
        consequence="stops working at once, wherever it is used."
        onClose={() => setDoomed(null)}
        onDelete={() => (doomed ? revoke.mutateAsync({ id: doomed.id }) : Promise.resolve())}
      />
    </>
  );
}
