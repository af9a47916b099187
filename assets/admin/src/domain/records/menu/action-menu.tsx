import { Menu } from "@mantine/core";
import { Link } from "react-router";
import { useMenuFocus } from "@/ui/menu-focus";

/** An entry of a record's menu. */
export interface RecordAction {
  label: string;
  icon: React.ReactNode;
  /** The page that it opens, or what it does. */
  to?: string;
  onClick?: () => void;
  danger?: boolean;
}

/** A menu of actions behind three dots. */
export function ActionMenu({ actions, children }: { actions: RecordAction[]; children: React.ReactNode }) {
  const focus = useMenuFocus();
  if (actions.length === 0) return null;
  return (
    <Menu position="bottom-end" width={220} {...focus}>
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown>
        {actions.map(({ label, icon, to, onClick, danger }) =>
          to === undefined ? (
            <Menu.Item
              key={label}
              leftSection={icon}
              {...(onClick ? { onClick } : {})}
              {...(danger ? { color: "red" } : {})}
            >
              {label}
            </Menu.Item>
          ) : (
            <Menu.Item key={label} leftSection={icon} component={Link} to={to}>
              {label}
            </Menu.Item>
          ),
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
