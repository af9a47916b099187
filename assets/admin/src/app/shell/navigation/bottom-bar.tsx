import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { UnstyledButton } from "@mantine/core";
import { IconMenu2 } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { NavLink, useParams } from "react-router";
import { useCan } from "@/lib/api/me";
import classes from "../shell.module.css";
import { phoneItems } from "./navigation";

const MoreDrawer = lazy(async () => ({ default: (await import("./more-drawer")).MoreDrawer }));

/** The navigation on phones. */
export function BottomBar() {
  const { tenantID } = useParams();
  const can = useCan();
  const [open, setOpen] = useState(false);
  const items = phoneItems(can);
  return (
    <nav className={classes.bottom} aria-label={t`Main pages`}>
      {items.map(({ path, label, icon: Icon }) => (
        <NavLink
          key={path}
          className={classes.bottomLink ?? ""}
          to={`/t/${tenantID}${path && `/${path}`}`}
          end={path === ""}
        >
          <Icon size={20} stroke={1.6} aria-hidden />
          {label}
        </NavLink>
      ))}
      <UnstyledButton className={classes.bottomLink} onClick={() => setOpen(true)} aria-haspopup="dialog">
        <IconMenu2 size={20} stroke={1.6} aria-hidden />
        <Trans>More</Trans>
      </UnstyledButton>
      {open && (
        <Suspense>
          <MoreDrawer onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </nav>
  );
}
