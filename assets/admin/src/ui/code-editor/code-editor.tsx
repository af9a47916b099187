import { t } from "@lingui/core/macro";
import { Input, Skeleton } from "@mantine/core";
import { useId } from "@mantine/hooks";
import { lazy, Suspense } from "react";
import type { EditorProps } from "./editor";
import { Enlargeable } from "./enlargeable";

/** The font is loaded first: the editor measures its lines once. Without it a fallback font is used. */
const fontReady = () => document.fonts.load('13px "JetBrains Mono Variable"').catch(() => []);

const Editor = lazy(async () => {
  const [{ Editor: Loaded }] = await Promise.all([import("./editor"), fontReady()]);
  return { default: Loaded };
});

export interface CodeEditorProps extends Omit<EditorProps, "labelledBy" | "ariaLabel"> {
  label?: string;
  /** The accessible name if there is no visible label. */
  ariaLabel?: string;
  description?: React.ReactNode;
  error?: string | undefined;
  required?: boolean;
  /** Offers to edit the text in the whole window. */
  canEnlarge?: boolean;
}

/** CodeMirror with a label and an error, loaded when first shown. */
export function CodeEditor({
  label,
  ariaLabel,
  description,
  error,
  required,
  canEnlarge = false,
  ...editor
}: CodeEditorProps) {
  const id = useId();
  const skeleton = <Skeleton height={editor.height ?? editor.minHeight ?? 120} radius="md" />;
  const code = (size: Pick<EditorProps, "height" | "maxHeight">) => (
    <Suspense fallback={skeleton}>
      <Editor {...editor} {...size} invalid={Boolean(error)} ariaLabel={ariaLabel ?? label ?? t`Code`} />
    </Suspense>
  );
  const field = canEnlarge ? (
    <Enlargeable title={label ?? ariaLabel ?? t`Code`}>{code}</Enlargeable>
  ) : (
    code({})
  );
  if (!label && !error && !description) return field;
  return (
    <Input.Wrapper
      id={id}
      label={label}
      labelElement="div"
      description={description}
      error={error}
      {...(required ? { required } : {})}
      style={{ minWidth: 0 }}
    >
      {field}
    </Input.Wrapper>
  );
}
