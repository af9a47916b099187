import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Menu, VisuallyHidden } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconGripVertical } from "@tabler/icons-react";
import { useEffect, useId, useRef, useState } from "react";
import classes from "./reorder.module.css";

/** Returns a copy of a list with one item at another place. */
export function movedTo<T>(list: readonly T[], from: number, to: number): T[] {
  const rest = list.filter((_, at) => at !== from);
  return [...rest.slice(0, to), ...list.slice(from, from + 1), ...rest.slice(to)];
}

/** From this distance in pixels, a press is a drag. */
const DRAG = 4;

/** The keys that move a row while Alt is held. */
const MOVES = [
  { key: "ArrowUp", by: -1 },
  { key: "ArrowDown", by: 1 },
];
const MOVE_KEYS = MOVES.map(({ key }) => ["Alt", key].join("+")).join(" ");

interface Drag {
  from: number;
  startY: number;
  to: number | null;
}

interface HandleProps {
  id: string;
  index: number;
  count: number;
  onMove: (to: number) => void;
  onPointerDown: (event: React.PointerEvent) => void;
  onPointerMove: (event: React.PointerEvent) => void;
  onPointerUp: () => void;
  onPointerCancel: () => void;
  /** Whether the last press was a drag: then it is not a click. */
  wasDrag: () => boolean;
}

/** How the rows of an edited list are moved: by their handles, which are dragged, opened, or used with the keyboard. */
export interface Reorder {
  /** The props of the element of a row. */
  row: (index: number) => { id: string; "data-moving"?: true; "data-drop"?: "above" | "below" };
  handle: (index: number) => HandleProps;
}

/** Lets people move the rows of a list. `onMove` moves the row at `from` to the index `to`. */
export function useReorder(count: number, onMove: (from: number, to: number) => void): Reorder {
  const id = useId();
  const [drag, setDrag] = useState<Drag | null>(null);
  const [focused, setFocused] = useState<{ at: number } | null>(null);
  const dragged = useRef(false);
  const rowID = (index: number) => `${id}-row-${index}`;
  const handleID = (index: number) => `${id}-move-${index}`;

  // A moved element loses the focus.
  useEffect(() => {
    if (focused) document.getElementById(`${id}-move-${focused.at}`)?.focus();
  }, [focused, id]);

  const move = (from: number, to: number) => {
    if (to < 0 || to >= count || to === from) return;
    onMove(from, to);
    setFocused({ at: to });
  };
  const middleOf = (index: number) => {
    const box = document.getElementById(rowID(index))?.getBoundingClientRect();
    return box ? box.top + box.height / 2 : 0;
  };
  const placeAt = (from: number, y: number) =>
    Array.from({ length: count }, (_, index) => index).filter(
      (index) => index !== from && middleOf(index) < y,
    ).length;

  const handle = (index: number): HandleProps => ({
    id: handleID(index),
    index,
    count,
    onMove: (to) => move(index, to),
    onPointerDown: (event) => {
      if (event.button !== 0) return;
      dragged.current = false;
      event.currentTarget.setPointerCapture?.(event.pointerId);
      setDrag({ from: index, startY: event.clientY, to: null });
    },
    onPointerMove: ({ clientY }) => {
      if (!drag || (drag.to === null && Math.abs(clientY - drag.startY) < DRAG)) return;
      dragged.current = true;
      setDrag({ ...drag, to: placeAt(drag.from, clientY) });
    },
    onPointerUp: () => {
      if (drag?.to !== null && drag?.to !== undefined) move(drag.from, drag.to);
      setDrag(null);
    },
    onPointerCancel: () => setDrag(null),
    wasDrag: () => {
      const was = dragged.current;
      dragged.current = false;
      return was;
    },
  });
  const dropAt = (index: number) => {
    if (!drag || drag.to === null || drag.to === drag.from) return {};
    // Below the dragged row, the places are counted without it.
    const target = drag.to;
    return target === index ? ({ "data-drop": target > drag.from ? "below" : "above" } as const) : {};
  };
  return {
    row: (index) => ({
      id: rowID(index),
      ...(drag?.from === index && drag.to !== null ? { "data-moving": true as const } : {}),
      ...dropAt(index),
    }),
    handle,
  };
}

interface MoveHandleProps extends HandleProps {
  /** The name of the row. */
  label: string;
  /** Whether there is a label above the row's fields. */
  offset?: boolean;
  size?: number;
}

/** Moves a row: it is dragged, opens a menu, or moves with Alt and the arrow keys. */
export function MoveHandle({ label, offset = false, size = 32, ...props }: MoveHandleProps) {
  const { id, index, count, onMove, wasDrag, ...pointer } = props;
  const [opened, setOpened] = useState(false);
  const [said, setSaid] = useState("");
  if (count < 2) return null;
  const move = (to: number) => {
    if (to < 0 || to >= count) return;
    setSaid(t`${label} is now number ${to + 1} of ${count}.`);
    onMove(to);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const pressed = MOVES.find(({ key }) => key === event.key);
    if (!event.altKey || !pressed) return;
    event.preventDefault();
    move(index + pressed.by);
  };
  return (
    <>
      <Menu
        position="bottom-end"
        opened={opened}
        onChange={(next) => !(next && wasDrag()) && setOpened(next)}
      >
        <Menu.Target>
          <ActionIcon
            id={id}
            size={size}
            mt={offset ? 24 : 0}
            className={classes.handle}
            aria-label={t`Move ${label}`}
            aria-keyshortcuts={MOVE_KEYS}
            title={t`Drag to move, or press Alt and an arrow key`}
            onKeyDown={onKeyDown}
            {...pointer}
          >
            <IconGripVertical size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconArrowUp size={14} />}
            disabled={index === 0}
            onClick={() => move(index - 1)}
          >
            <Trans>Move up</Trans>
          </Menu.Item>
          <Menu.Item
            leftSection={<IconArrowDown size={14} />}
            disabled={index === count - 1}
            onClick={() => move(index + 1)}
          >
            <Trans>Move down</Trans>
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <VisuallyHidden role="status">{said}</VisuallyHidden>
    </>
  );
}
