import { t } from "@lingui/core/macro";
import { Anchor, Group, Text, TextInput, Title, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import classes from "./page-header.module.css";

interface Crumb {
  label: string;
  to: string;
}

interface PageHeaderProps {
  title: string;
  breadcrumb?: Crumb[];
  /** Makes the title editable in place. */
  onRename?: (name: string) => void;
  /** For example `<SaveState …/>`. */
  state?: React.ReactNode;
  /** Secondary actions first, the primary action last. */
  actions?: React.ReactNode;
}

export function PageHeader({ title, breadcrumb = [], onRename, state, actions }: PageHeaderProps) {
  return (
    <header className={classes.header}>
      <div className={classes.titles}>
        {breadcrumb.length > 0 && (
          <nav aria-label={t`Breadcrumb`} className={classes.crumbs}>
            {breadcrumb.map(({ label, to }) => (
              <span key={to}>
                <Anchor component={Link} to={to} size="md" c="dimmed">
                  {label}
                </Anchor>
                <Text span c="dimmed" mx={6} aria-hidden>
                  /
                </Text>
              </span>
            ))}
          </nav>
        )}
        {onRename ? (
          <EditableTitle title={title} onRename={onRename} />
        ) : (
          <Title order={1} className={classes.title}>
            {title}
          </Title>
        )}
      </div>
      {state && <div className={classes.state}>{state}</div>}
      {actions && (
        <Group gap="sm" className={classes.actions}>
          {actions}
        </Group>
      )}
    </header>
  );
}

function EditableTitle({ title, onRename }: { title: string; onRename: (name: string) => void }) {
  const [draft, setDraft] = useState<string | null>(null);

  const finish = () => {
    const name = draft?.trim();
    setDraft(null);
    if (name && name !== title) onRename(name);
  };

  if (draft === null) {
    return (
      <Title order={1} className={classes.title}>
        <UnstyledButton
          className={classes.rename}
          onClick={() => setDraft(title)}
          aria-label={t`Rename ${title}`}
        >
          {title}
        </UnstyledButton>
      </Title>
    );
  }
  return (
    <TextInput
      aria-label={t`Name`}
      className={classes.titleInput}
      value={draft}
      maxLength={255}
      autoFocus
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={finish}
      onKeyDown={(event) => {
        if (event.key === "Enter") finish();
        if (event.key === "Escape") setDraft(null);
      }}
    />
  );
}
