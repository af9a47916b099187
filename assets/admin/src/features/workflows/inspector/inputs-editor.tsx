import { t } from "@lingui/core/macro";
import {
  Accordion,
  ActionIcon,
  Button,
  Checkbox,
  Group,
  Input,
  Select,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { parameterTypes, wordOfType } from "@/domain/schema-form/parameter-types";
import type { Parameter, ParameterType } from "@/lib/api/model";
import { nextRowId, useRowIds } from "@/lib/draft";
import { freeNodeName } from "../graph/commands";
import classes from "../workflows.module.css";
import { ValueInput } from "./fields/text-fields";

const MOST = 50;

interface InputsEditorProps {
  inputs: Parameter[];
  onChange: (inputs: Parameter[]) => void;
  /** Label of the list. */
  label?: string;
  description?: React.ReactNode;
  error?: string | undefined;
  /** Name prefix of new inputs. */
  prefix?: string;
  add?: string;
}

function wordsOf({ type, required }: Parameter): string {
  const word = wordOfType(type);
  return required ? t`${word}, required` : word;
}

/** Returns why an input cannot have its name, or null. */
function problemOf(inputs: readonly Parameter[], index: number): string | null {
  const name = inputs[index]?.name ?? "";
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    return t`Use only letters, digits and _, and do not start with a digit`;
  return inputs.some((other, at) => at !== index && other.name === name)
    ? t`This name is already taken`
    : null;
}

/** Edits the inputs of a workflow, or the fields of an approval. */
export function InputsEditor({
  inputs,
  onChange,
  label = t`Inputs`,
  description = t`Values that each run receives. Use them in expressions as input.name.`,
  error,
  prefix = "input",
  add: more = t`Add input`,
}: InputsEditorProps) {
  const ids = useRowIds(inputs);
  const [open, setOpen] = useState<string | null>(null);
  const add = () => {
    const name = freeNodeName(new Set(inputs.map((input) => input.name)), prefix);
    onChange([...inputs, { name, type: "string", required: false, default: null, description: "" }]);
    setOpen(String(nextRowId(ids)));
  };
  const set = (index: number, change: Partial<Parameter>) =>
    onChange(inputs.map((input, at) => (at === index ? { ...input, ...change } : input)));
  const swap = (index: number, other: number) =>
    onChange(
      inputs.map(
        (input, at) => (at === index ? inputs[other] : at === other ? inputs[index] : input) ?? input,
      ),
    );
  return (
    <Input.Wrapper label={label} labelElement="div" description={description} error={error}>
      <Accordion
        variant="default"
        chevronPosition="left"
        value={open}
        onChange={setOpen}
        mx={-16}
        classNames={{ label: classes.fold ?? "", control: classes.foldControl ?? "" }}
      >
        {inputs.map((input, index) => (
          <Accordion.Item key={ids[index]} value={String(ids[index])}>
            <Accordion.Control>
              {input.name || t`unnamed`}
              <Text
                span
                size="sm"
                c={problemOf(inputs, index) ? "var(--mantine-color-error)" : "dimmed"}
                ml={8}
              >
                {problemOf(inputs, index) ?? wordsOf(input)}
              </Text>
            </Accordion.Control>
            <Accordion.Panel>
              <InputFields
                input={input}
                problem={problemOf(inputs, index)}
                onChange={(change) => set(index, change)}
              />
              <InputActions
                input={input}
                index={index}
                count={inputs.length}
                onMove={(to) => swap(index, to)}
                onRemove={() => {
                  onChange(inputs.filter((_, at) => at !== index));
                  setOpen(null);
                }}
              />
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
      <Button
        mt="sm"
        size="xs"
        variant="default"
        leftSection={<IconPlus size={14} />}
        disabled={inputs.length >= MOST}
        onClick={add}
      >
        {more}
      </Button>
    </Input.Wrapper>
  );
}

interface InputActionsProps {
  input: Parameter;
  index: number;
  count: number;
  onMove: (to: number) => void;
  onRemove: () => void;
}

function InputActions({ input, index, count, onMove, onRemove }: InputActionsProps) {
  return (
    <Group gap={2} mt="sm" justify="flex-end">
      <ActionIcon
        aria-label={t`Move ${input.name} up`}
        disabled={index === 0}
        onClick={() => onMove(index - 1)}
      >
        <IconArrowUp size={16} />
      </ActionIcon>
      <ActionIcon
        aria-label={t`Move ${input.name} down`}
        disabled={index === count - 1}
        onClick={() => onMove(index + 1)}
      >
        <IconArrowDown size={16} />
      </ActionIcon>
      <ActionIcon aria-label={t`Remove ${input.name}`} onClick={onRemove}>
        <IconTrash size={16} />
      </ActionIcon>
    </Group>
  );
}

interface InputFieldsProps {
  input: Parameter;
  problem: string | null;
  onChange: (change: Partial<Parameter>) => void;
}

function InputFields({ input, problem, onChange }: InputFieldsProps) {
  return (
    <Stack gap="md">
      <Group gap="sm" wrap="nowrap" align="flex-start" grow>
        <TextInput
          label={t`Name`}
          value={input.name}
          error={problem}
          maxLength={64}
          spellCheck={false}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
        />
        <Select
          label={t`Type`}
          data={parameterTypes}
          value={input.type}
          onChange={(type) => type && onChange({ type: type as ParameterType })}
        />
      </Group>
      <ValueInput
        label={t`Default`}
        placeholder={t`none`}
        value={input.default}
        onChange={(value) => onChange({ default: value ?? null })}
      />
      <TextInput
        label={t`Description`}
        value={input.description}
        maxLength={1000}
        onChange={(event) => onChange({ description: event.currentTarget.value })}
      />
      <Checkbox
        label={t`Required`}
        checked={input.required}
        onChange={(event) => onChange({ required: event.currentTarget.checked })}
      />
    </Stack>
  );
}
