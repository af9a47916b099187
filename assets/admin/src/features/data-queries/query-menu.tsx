import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Menu } from "@mantine/core";
import { IconChartBar, IconCopy, IconDots, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { ConfirmDelete } from "@/domain/records/confirm-delete";
import { useCan } from "@/lib/api/me";
import type { DataQuery } from "@/lib/api/model";
import { useClone, useDelete } from "@/lib/api/resources";
import { useTenantLink } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";

export function QueryMenu({ query }: { query: DataQuery }) {
  const link = useTenantLink();
  const can = useCan();
  const navigate = useNavigate();
  const clone = useClone("dataquery");
  const remove = useDelete("dataquery");
  const [deleting, setDeleting] = useState(false);
  const goTo = (...segments: string[]) => void navigate(link("data-queries", ...segments));
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon size={32} variant="default" aria-label={t`More actions`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {can("widget:create") && (
            <Menu.Item
              component={Link}
              to={`${link("widgets", "new")}?query=${query.id}`}
              leftSection={<IconChartBar size={16} />}
            >
              <Trans>Create widget</Trans>
            </Menu.Item>
          )}
          {can("dataquery:clone") && (
            <Menu.Item
              leftSection={<IconCopy size={16} />}
              onClick={() =>
                clone.mutate(
                  { id: query.id },
                  { onSuccess: ({ id }) => goTo(id), onError: (error) => notify.failed(error) },
                )
              }
            >
              <Trans>Clone</Trans>
            </Menu.Item>
          )}
          {can("dataquery:delete") && (
            <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => setDeleting(true)}>
              <Trans>Delete</Trans>
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <ConfirmDelete
        noun={t`query`}
        name={deleting ? query.name : null}
        cascade
        onClose={() => setDeleting(false)}
        onDelete={async ({ cascade }) => {
          await remove.mutateAsync({ id: query.id, cascade });
          goTo();
        }}
      />
    </>
  );
}
