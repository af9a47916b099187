import { t } from "@lingui/core/macro";
import { ActionIcon, Tooltip } from "@mantine/core";
import { IconArrowsDiagonal, IconArrowsDiagonalMinimize2 } from "@tabler/icons-react";
import { useState } from "react";
import classes from "./enlargeable.module.css";

interface EnlargeableProps {
  title: string;
  /** Renders the editor; sizes that are absent are the editor's own. */
  children: (size: { height?: string; maxHeight?: string }) => React.ReactNode;
}

/** Lets an editor fill the window. It stays the same editor, with its cursor and its undo history. */
export function Enlargeable({ title, children }: EnlargeableProps) {
  const [large, setLarge] = useState(false);
  const label = large ? t`Leave full screen` : t`Full screen`;
  const ToggleIcon = large ? IconArrowsDiagonalMinimize2 : IconArrowsDiagonal;
  return (
    <div
      className={classes.frame}
      data-large={large || undefined}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !large || event.defaultPrevented) return;
        event.preventDefault();
        event.stopPropagation();
        setLarge(false);
      }}
    >
      <div className={classes.head}>
        {large && <span>{title}</span>}
        <Tooltip label={label}>
          <ActionIcon aria-label={label} size="sm" onClick={() => setLarge(!large)}>
            <ToggleIcon size={14} />
          </ActionIcon>
        </Tooltip>
      </div>
      <div className={classes.code}>{children(large ? { height: "100%", maxHeight: "none" } : {})}</div>
    </div>
  );
}
