import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import type { WorkflowNode } from "@/lib/api/model";
import { useDraft } from "@/lib/draft";
import { START, titleOf, type Graph } from "@/lib/flow/graph";
import type { DefinitionEditor } from "../editor/use-definition";
import { nameOf, nameProblem, rename, retitle } from "../graph/commands";

interface NameFieldsProps {
  node: WorkflowNode;
  editor: DefinitionEditor;
  error: string | undefined;
}

/** A title can be any text. Expressions use a name, which follows the title until it is changed separately. */
export function NameFields({ node, editor: { definition, change }, error }: NameFieldsProps) {
  const [naming, setNaming] = useState(false);
  const { draft: text, change: setText } = useDraft({
    value: titleOf(node),
    print: (title) => title,
    parse: (title) => ({ value: title }),
    onChange: () => undefined,
  });
  const finish = () => {
    setText(text.trim() || titleOf(node));
    change((graph) => retitle(graph, node.id, text));
  };
  return (
    <Stack gap={4}>
      <TextInput
        label={t`Name`}
        value={text}
        error={text === titleOf(node) ? error : undefined}
        maxLength={120}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={finish}
        onKeyDown={(event) => event.key === "Enter" && finish()}
      />
      {node.type !== START && !naming && (
        <Text size="xs" c="dimmed">
          <Trans>
            Other steps refer to its output as <code>steps.{node.name}</code>
          </Trans>{" "}
          <Anchor component="button" type="button" size="xs" onClick={() => setNaming(true)}>
            <Trans>Change</Trans>
          </Anchor>
        </Text>
      )}
      {naming && (
        <IdentifierField
          node={node}
          definition={definition}
          onDone={(name) => {
            setNaming(false);
            if (name) change((graph) => rename(graph, node.id, name));
          }}
        />
      )}
    </Stack>
  );
}

/** Edits the name that expressions use. */
function IdentifierField({
  node,
  definition,
  onDone,
}: {
  node: WorkflowNode;
  definition: Graph;
  /** With the new name, or null to keep the old one. */
  onDone: (name: string | null) => void;
}) {
  const [text, setText] = useState(node.name);
  const wrong = nameProblem(definition, node.id, text);
  const finish = () => onDone(wrong || text === node.name ? null : text);
  return (
    <TextInput
      autoFocus
      size="xs"
      label={t`Name in expressions`}
      description={t`Used as steps.${text}`}
      value={text}
      error={wrong}
      maxLength={64}
      spellCheck={false}
      onChange={(event) => setText(nameOf(event.currentTarget.value) || event.currentTarget.value.trim())}
      onBlur={finish}
      onKeyDown={(event) => {
        if (event.key === "Enter") finish();
        if (event.key !== "Escape") return;
        event.preventDefault();
        onDone(null);
      }}
    />
  );
}
