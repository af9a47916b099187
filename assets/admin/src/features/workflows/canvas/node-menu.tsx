import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ScrollArea, Text, TextInput, UnstyledButton } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { NodeIcon } from "@/domain/flow/canvas/node-icon";
import type { NodeType } from "@/lib/api/model";
import { groupBy } from "@/lib/group-by";
import { prose } from "@/ui/text/prose";
import classes from "../workflows.module.css";

/** The data type of a dragged step type. */
export const DRAGGED_TYPE = "application/x-jet-admin-node-type";

interface NodeMenuProps {
  types: readonly NodeType[];
  onPick: (type: NodeType) => void;
  /** Types can also be dragged to the canvas. */
  draggable?: boolean;
  autoFocus?: boolean;
}

/** Returns the types that contain a text, those whose name begins with it first. */
function matchingTypes(types: readonly NodeType[], text: string): NodeType[] {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [...types];
  const rank = ({ name, type, description, category }: NodeType) => {
    const names = [name.toLowerCase(), type.toLowerCase()];
    if (names.some((words) => words.startsWith(wanted))) return 0;
    if (names.some((words) => words.includes(wanted))) return 1;
    return [description, category].some((words) => words.toLowerCase().includes(wanted)) ? 2 : 3;
  };
  return types
    .map((type) => ({ type, rank: rank(type) }))
    .filter((found) => found.rank < 3)
    .sort((a, b) => a.rank - b.rank)
    .map(({ type }) => type);
}

/** The arrow keys move between the search field and the types. */
function moveFocus(event: React.KeyboardEvent<HTMLElement>) {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>("input, button")];
  const at = stops.indexOf(document.activeElement as HTMLElement);
  const next = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** Lists all step types, with search. */
export function NodeMenu({ types, onPick, draggable = false, autoFocus = false }: NodeMenuProps) {
  const [text, setText] = useState("");
  const found = matchingTypes(types, text);
  const [first] = found;
  return (
    <div className={classes.menu} onKeyDown={moveFocus}>
      <TextInput
        aria-label={t`Search steps`}
        placeholder={t`Search steps`}
        leftSection={<IconSearch size={16} />}
        value={text}
        // At once: the next key that is pressed belongs to the search.
        autoFocus={autoFocus}
        {...(autoFocus ? { "data-autofocus": true } : {})}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && first) onPick(first);
        }}
      />
      <ScrollArea.Autosize mah="100%" flex={1} scrollbarSize={6} type="hover">
        {[...groupBy(found, ({ category }) => category)].map(([category, members]) => (
          <section key={category} aria-label={category}>
            <Text className={classes.menuLabel}>{category}</Text>
            {members.map((type) => (
              <UnstyledButton
                key={type.type}
                className={classes.menuItem}
                title={type.description}
                draggable={draggable}
                onDragStart={(event) => {
                  event.dataTransfer.setData(DRAGGED_TYPE, type.type);
                  event.dataTransfer.effectAllowed = "copy";
                }}
                onClick={() => onPick(type)}
              >
                <NodeIcon type={type.type} size={16} />
                <span>
                  {type.name}
                  {!draggable && <span className={classes.menuHint}>{prose(type.description)}</span>}
                </span>
              </UnstyledButton>
            ))}
          </section>
        ))}
        {found.length === 0 && (
          <Text size="sm" c="dimmed" p="sm">
            <Trans>No results.</Trans>
          </Text>
        )}
      </ScrollArea.Autosize>
    </div>
  );
}
