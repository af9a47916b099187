import { Divider, Drawer, Group, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconMenu2 } from "@tabler/icons-react";
import { NavLink, useParams } from "react-router";
import { useCan } from "@/lib/api/me";
import { allowedSections, phonePaths } from "./navigation";
import { NavSections } from "./rail";
import classes from "./shell.module.css";
import { TenantSwitcher } from "./tenant-switcher";
import { ThemeToggle } from "./theme-toggle";
import { UserMenu } from "./user-menu";

/** The navigation of a phone. */
export function BottomBar() {
  const { tenantID } = useParams();
  const can = useCan();
  const [open, { open: show, close }] = useDisclosure();
  const items = allowedSections(can)
    .flatMap((section) => section.items)
    .filter(({ path }) => phonePaths.includes(path));
  return (
    <nav className={classes.bottom} aria-label="Main pages">
      {items.map(({ path, label, icon: Icon }) => (
        <NavLink key={path} className={classes.bottomLink ?? ""} to={`/t/${tenantID}${path && `/${path}`}`} end={path === ""}>
          <Icon size={20} stroke={1.6} aria-hidden />
          {label}
        </NavLink>
      ))}
      <UnstyledButton className={classes.bottomLink} onClick={show} aria-haspopup="dialog">
        <IconMenu2 size={20} stroke={1.6} aria-hidden />
        More
      </UnstyledButton>
      <Drawer opened={open} onClose={close} position="bottom" size="auto" title="Pages" closeButtonProps={{ "aria-label": "Close" }}>
        <TenantSwitcher />
        <NavSections onNavigate={close} />
        <Divider my="sm" />
        <Group wrap="nowrap">
          <UserMenu />
          <ThemeToggle />
        </Group>
      </Drawer>
    </nav>
  );
}
