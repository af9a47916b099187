import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Kbd, Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand, IconSearch } from "@tabler/icons-react";
import { lazy, Suspense, type ReactElement } from "react";
import { NavLink, useParams } from "react-router";
import { useCan } from "@/lib/api/me";
import { useTasks } from "@/lib/api/subjects/tasks";
import { ariaKeys, written } from "@/ui/shortcuts/keys";
import { TenantSwitcher } from "../menus/tenant-switcher";
import { ThemeToggle } from "../menus/theme-toggle";
import { UserMenu } from "../menus/user-menu";
import { openOverlay } from "../overlays";
import classes from "../shell.module.css";
import { allowedSections, type NavItem } from "./navigation";

export function Rail({ collapsed, onToggle }: { collapsed: boolean; onToggle: () => void }) {
  const CollapseIcon = collapsed ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse;
  const toggleLabel = collapsed ? t`Expand navigation` : t`Collapse navigation`;
  return (
    <aside className={classes.rail} aria-label={t`Navigation`}>
      <TenantSwitcher compact={collapsed} />
      <SearchButton compact={collapsed} />
      <div className={classes.scroll}>
        <NavSections compact={collapsed} />
      </div>
      <div className={classes.foot}>
        <UserMenu compact={collapsed} />
        <ThemeToggle />
        <ActionIcon size="lg" aria-label={toggleLabel} title={toggleLabel} onClick={onToggle}>
          <CollapseIcon size={18} stroke={1.6} />
        </ActionIcon>
      </div>
    </aside>
  );
}

const RailHint = lazy(async () => ({ default: (await import("./rail-hint")).RailHint }));

/** Names an item that the narrow rail shows as an icon only. */
function Hint({ label, shown, children }: { label: string; shown: boolean; children: ReactElement }) {
  if (!shown) return children;
  return (
    <Suspense fallback={children}>
      <RailHint label={label}>{children}</RailHint>
    </Suspense>
  );
}

const shortcut = written("mod+K");

function SearchButton({ compact }: { compact: boolean }) {
  return (
    <Hint label={t`Search everything (${shortcut})`} shown={compact}>
      <UnstyledButton
        className={classes.find}
        aria-keyshortcuts={ariaKeys("mod+K")}
        onClick={() => openOverlay({ name: "palette" })}
      >
        <IconSearch size={18} stroke={1.6} aria-hidden />
        {compact ? (
          <VisuallyHidden>
            <Trans>Search everything</Trans>
          </VisuallyHidden>
        ) : (
          <>
            <span style={{ flex: 1 }}>
              <Trans>
                Search<VisuallyHidden> everything</VisuallyHidden>
              </Trans>
            </span>
            <Kbd size="xs" aria-hidden>
              {shortcut}
            </Kbd>
          </>
        )}
      </UnstyledButton>
    </Hint>
  );
}

export function NavSections({ compact = false, onNavigate }: { compact?: boolean; onNavigate?: () => void }) {
  const can = useCan();
  const { data: tasks } = useTasks();
  const waiting = tasks?.filter(({ isMine }) => isMine).length ?? 0;
  return (
    <nav aria-label={t`Pages`} className={classes.nav}>
      {allowedSections(can).map(({ label, items }) => (
        <div key={items[0]?.path} className={classes.section}>
          {label && !compact && (
            <Text component="h2" className={classes.sectionLabel}>
              {label}
            </Text>
          )}
          {items.map((item) => (
            <RailLink
              key={item.path}
              item={item}
              count={item.counts ? waiting : 0}
              compact={compact}
              {...(onNavigate ? { onNavigate } : {})}
            />
          ))}
        </div>
      ))}
    </nav>
  );
}

function RailLink({
  item,
  count,
  compact,
  onNavigate,
}: {
  item: NavItem;
  count: number;
  compact: boolean;
  onNavigate?: () => void;
}) {
  const { tenantID } = useParams();
  const { icon: Icon, label, path } = item;
  return (
    <Hint label={label} shown={compact}>
      <NavLink
        className={classes.link ?? ""}
        to={`/t/${tenantID}${path && `/${path}`}`}
        end={path === ""}
        {...(compact ? { "aria-label": count ? t`${label}, ${count} for you` : label } : {})}
        {...(onNavigate ? { onClick: onNavigate } : {})}
      >
        <Icon size={18} stroke={1.6} aria-hidden />
        {!compact && <span>{label}</span>}
        {count > 0 && (
          <span className={classes.count} data-compact={compact || undefined}>
            {!compact && (
              <Trans>
                {count}
                <VisuallyHidden> for you</VisuallyHidden>
              </Trans>
            )}
          </span>
        )}
      </NavLink>
    </Hint>
  );
}
