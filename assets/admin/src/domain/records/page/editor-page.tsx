import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import type { Editor } from "@/lib/api/editor";
import type { Editable } from "@/lib/api/resources";
import { useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { PageHeader } from "@/ui/page/page-header";
import { UnsavedGuard } from "@/ui/page/unsaved-guard";
import { useSaveShortcut } from "@/ui/shortcuts/use-save-shortcut";
import { recordKinds, type RecordKind } from "../record-kinds";
import { SaveState } from "../save-state";
import { VersionConflict } from "../version-conflict";
import classes from "./editor-page.module.css";

interface EditorPageProps<K extends RecordKind & Editable> {
  kind: K;
  editor: Editor<K>;
  /** Without permission to change the record, nothing is offered to save. */
  mayUpdate: boolean;
  /** Replaces the editor's own save. */
  onSave?: () => unknown;
  onRename?: (name: string) => void;
  /** Replaces the record's name, which then cannot be changed. */
  title?: string;
  /** Changes besides the editor's own that leaving would lose. */
  dirty?: boolean;
  /** Whether there is input that a save does not include, for example in a drawer. */
  unfinished?: boolean;
  /** Between the title and the button to save: the menu, and further actions. */
  actions?: React.ReactNode;
  /** The primary action, if that is not to save. */
  primary?: React.ReactNode;
  /** Above the content: the next step, or a notice. */
  notice?: React.ReactNode;
  className?: string | undefined;
  children: React.ReactNode;
}

/** The page on which a record is edited: header, errors, unsaved changes and conflicts. */
export function EditorPage<K extends RecordKind & Editable>({
  kind,
  editor,
  mayUpdate,
  onSave = editor.save,
  onRename = (name) => editor.set({ name } as Parameters<Editor<K>["set"]>[0]),
  title,
  dirty = editor.dirty,
  unfinished = false,
  actions,
  primary,
  notice,
  className,
  children,
}: EditorPageProps<K>) {
  const link = useTenantLink();
  const { base, saving } = editor;
  const { plural, path } = recordKinds[kind];
  useSaveShortcut(() => editor.dirty && !saving && void onSave(), mayUpdate);
  return (
    <div className={className}>
      <PageHeader
        title={title ?? (editor.draft as { name: string }).name}
        breadcrumb={[{ label: plural, to: link(...path) }]}
        {...(mayUpdate && title === undefined ? { onRename } : {})}
        state={
          title === undefined && (
            <SaveState dirty={editor.dirty} saving={saving} savedAt={base.updatedAt} version={base.version} />
          )
        }
        actions={
          <>
            {actions}
            {mayUpdate && (
              <Button
                {...(primary ? { variant: "default" } : {})}
                loading={saving}
                disabled={!editor.dirty}
                onClick={() => void onSave()}
              >
                <Trans>Save</Trans>
              </Button>
            )}
            {primary}
          </>
        }
      />
      {notice}
      {Boolean(editor.error) && (
        <div className={classes.error}>
          <ErrorPanel error={editor.error} title={t`Could not save the changes`} />
        </div>
      )}
      {children}
      <UnsavedGuard
        dirty={dirty || unfinished}
        onSave={mayUpdate && !unfinished ? async () => (await onSave()) !== false : undefined}
      />
      <VersionConflict kind={kind} editor={editor} />
    </div>
  );
}
