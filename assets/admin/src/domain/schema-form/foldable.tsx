import { UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import classes from "./schema-form.module.css";

/** Returns which of a list's items are open: new ones, the only one, and those that were opened. */
export function useFolding(ids: readonly number[]) {
  const [initial] = useState(() => new Set(ids.length > 1 ? ids : []));
  const [chosen, setChosen] = useState<Readonly<Record<number, boolean>>>({});
  const isOpen = (id: number) => chosen[id] ?? !initial.has(id);
  return { isOpen, toggle: (id: number) => setChosen({ ...chosen, [id]: !isOpen(id) }) };
}

interface FoldableProps {
  /** The name of the item; its label, such as "Fields 2", if it has none. */
  title: string;
  /** What kind of item it is. */
  about: string;
  open: boolean;
  onToggle: () => void;
  children: React.ReactNode;
}

/** An item of a list that folds to one line. */
export function Foldable({ title, about, open, onToggle, children }: FoldableProps) {
  const Chevron = open ? IconChevronDown : IconChevronRight;
  return (
    <div>
      <UnstyledButton className={classes.fold} aria-expanded={open} onClick={onToggle}>
        <Chevron size={16} aria-hidden />
        <span className={classes.foldTitle}>{title}</span>
        <span className={classes.foldAbout}>{about}</span>
      </UnstyledButton>
      {open && <div className={classes.unfolded}>{children}</div>}
    </div>
  );
}
