import { Avatar, Menu, Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconLogout, IconUser } from "@tabler/icons-react";
import { Link, useParams } from "react-router";
import { useMe } from "@/lib/api/me";
import { initials } from "@/lib/format";
import { session } from "@/lib/session";
import classes from "./shell.module.css";

export function UserMenu({ compact = false }: { compact?: boolean }) {
  const { tenantID } = useParams();
  const { data } = useMe();
  const name = data?.user.name || data?.user.email || "";
  return (
    <Menu position="top-start" width={240}>
      <Menu.Target>
        <UnstyledButton className={classes.user}>
          <Avatar src={data?.user.photoUrl ?? null} alt="" size={24} radius="xl" color="gray" aria-hidden>
            {initials(name)}
          </Avatar>
          <VisuallyHidden>Account of </VisuallyHidden>
          {compact ? (
            <VisuallyHidden>{name}</VisuallyHidden>
          ) : (
            <Text size="sm" truncate flex={1}>
              {name}
            </Text>
          )}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{data?.user.email}</Menu.Label>
        <Menu.Item component={Link} to={`/t/${tenantID}/profile`} leftSection={<IconUser size={16} />}>
          Profile
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void session.signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
