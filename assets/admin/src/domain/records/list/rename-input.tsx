import { t } from "@lingui/core/macro";
import { TextInput } from "@mantine/core";
import { useState } from "react";
import { useCan } from "@/lib/api/me";
import { usePatch, type Editable, type Kind } from "@/lib/api/resources";
import { notify } from "@/ui/feedback/notify";

/** The kinds whose records are renamed in their list. The names of variables are part of expressions. */
const renameable: ReadonlySet<Kind> = new Set([
  "datasource",
  "file",
  "dataquery",
  "widget",
  "dashboard",
  "workflow",
]);

export function useMayRename(kind: Kind): boolean {
  return useCan()(`${kind}:update`) && renameable.has(kind);
}

interface RenameInputProps {
  kind: Kind;
  record: { id: string; name: string; version?: number };
  /** Called once, after the name is saved or the input is left. */
  onEnd: () => void;
}

/** Replaces a record's name in its list: Enter saves, Escape restores. */
export function RenameInput({ kind, record, onEnd }: RenameInputProps) {
  const patch = usePatch(kind as Extract<Editable, "widget">);
  const [name, setName] = useState(record.name);
  const save = () => {
    const next = name.trim();
    if (!next || next === record.name) return onEnd();
    if (patch.isPending) return;
    const version = record.version === undefined ? {} : { version: record.version };
    patch.mutate(
      { id: record.id, patch: { name: next }, ...version },
      { onSuccess: onEnd, onError: (error) => notify.failed(error, t`Could not rename ${record.name}`) },
    );
  };
  return (
    <TextInput
      size="xs"
      aria-label={t`Name`}
      value={name}
      maxLength={255}
      autoFocus
      disabled={patch.isPending}
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setName(event.currentTarget.value)}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key === "Enter") save();
        if (event.key === "Escape") onEnd();
      }}
    />
  );
}
