import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Menu } from "@mantine/core";
import { IconCopy, IconDots, IconLink, IconPrinter, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ConfirmDelete } from "@/domain/records/confirm-delete";
import { useCan } from "@/lib/api/me";
import type { Dashboard } from "@/lib/api/model";
import { useClone, useDelete } from "@/lib/api/resources";
import { useTenantLink } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";

export function DashboardMenu({ dashboard }: { dashboard: Dashboard }) {
  const link = useTenantLink();
  const can = useCan();
  const navigate = useNavigate();
  const clone = useClone("dashboard");
  const remove = useDelete("dashboard");
  const [deleting, setDeleting] = useState(false);
  const copyLink = () =>
    navigator.clipboard.writeText(window.location.href).then(
      () => notify.done(t`Link with these variables copied`),
      (error: unknown) => notify.failed(error),
    );
  return (
    <>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <ActionIcon size={32} variant="default" aria-label={t`More actions`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconLink size={16} />} onClick={() => void copyLink()}>
            <Trans>Copy link</Trans>
          </Menu.Item>
          <Menu.Item leftSection={<IconPrinter size={16} />} onClick={() => window.print()}>
            <Trans>Print or save as PDF</Trans>
          </Menu.Item>
          {can("dashboard:clone") && (
            <Menu.Item
              leftSection={<IconCopy size={16} />}
              onClick={() =>
                clone.mutate(
                  { id: dashboard.id },
                  {
                    onSuccess: ({ id }) => void navigate(link("dashboards", id, "edit")),
                    onError: (error) => notify.failed(error),
                  },
                )
              }
            >
              <Trans>Clone</Trans>
            </Menu.Item>
          )}
          {can("dashboard:delete") && (
            <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => setDeleting(true)}>
              <Trans>Delete</Trans>
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <ConfirmDelete
        noun={t`dashboard`}
        name={deleting ? dashboard.name : null}
        onClose={() => setDeleting(false)}
        onDelete={async () => {
          await remove.mutateAsync({ id: dashboard.id });
          void navigate(link("dashboards"));
        }}
      />
    </>
  );
}
