import { t } from "@lingui/core/macro";
import { ActionIcon, Button, Group, Input, Stack, Text, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from "@tabler/icons-react";
import { useFormContext, type FieldProps } from "@/domain/schema-form/context";
import type { JsonObject } from "@/lib/api/model";
import { isObject } from "@/lib/is-object";
import { joinPath } from "@/lib/schema/paths";
import { prose } from "@/ui/text/prose";
import { freeNodeName } from "../../graph/commands";
import classes from "./fields.module.css";
import { ValueInput } from "./text-fields";
import { WhenInput } from "./when-input";

const words = {
  branches: {
    one: t`Branch`,
    more: t`Add branch`,
    test: "when",
    id: "branch1",
    hint: t`The first branch whose condition is true runs.`,
  },
  cases: {
    one: t`Case`,
    more: t`Add case`,
    test: "equals",
    id: "case1",
    hint: t`The first case that equals the value runs.`,
  },
};

/** Edits the branches of a condition or a switch. Their ids are handles: they stay when a label changes. */
export function BranchesField(props: FieldProps) {
  const { errors } = useFormContext();
  const { name, path, schema, value, onChange } = props;
  const { one, more, test, id: firstId, hint } = name === "cases" ? words.cases : words.branches;
  const list = Array.isArray(value) ? value.map((item): JsonObject => (isObject(item) ? item : {})) : [];
  const set = (index: number, change: JsonObject) =>
    onChange(list.map((item, at) => (at === index ? { ...item, ...change } : item)));
  const swap = (index: number, other: number) =>
    onChange(list.map((item, at) => (at === index ? list[other] : at === other ? list[index] : item)));
  const add = () =>
    onChange([
      ...list,
      {
        id: freeNodeName(new Set(["default", "error", ...list.map(({ id }) => String(id))]), firstId),
        label: "",
        [test]: "",
      },
    ]);

  return (
    <Input.Wrapper
      label={props.label}
      labelElement="div"
      description={prose(schema.description ?? hint)}
      error={errors[path]}
    >
      <Stack gap={0} mt={4}>
        {list.map((branch, index) => {
          const at = joinPath(path, index);
          const title = `${one} ${index + 1}`;
          return (
            <section key={String(branch["id"])} className={classes.branch} aria-label={title}>
              <Group gap={2} wrap="nowrap">
                <Text size="sm" fw={500} flex={1}>
                  {title}
                </Text>
                <ActionIcon
                  aria-label={t`Move ${title} up`}
                  disabled={index === 0}
                  onClick={() => swap(index, index - 1)}
                >
                  <IconArrowUp size={16} />
                </ActionIcon>
                <ActionIcon
                  aria-label={t`Move ${title} down`}
                  disabled={index === list.length - 1}
                  onClick={() => swap(index, index + 1)}
                >
                  <IconArrowDown size={16} />
                </ActionIcon>
                <ActionIcon
                  aria-label={t`Remove ${title}`}
                  onClick={() => onChange(list.filter((_, other) => other !== index))}
                >
                  <IconTrash size={16} />
                </ActionIcon>
              </Group>
              <TextInput
                label={t`Label`}
                placeholder={String(branch["id"] ?? "")}
                maxLength={80}
                error={errors[joinPath(at, "label")] ?? errors[joinPath(at, "id")]}
                value={typeof branch["label"] === "string" ? branch["label"] : ""}
                onChange={(event) => set(index, { label: event.currentTarget.value })}
              />
              {test === "when" ? (
                <WhenInput
                  path={joinPath(at, "when")}
                  value={branch["when"]}
                  onChange={(when) => set(index, { when })}
                />
              ) : (
                <ValueInput
                  label={t`Equals`}
                  error={errors[joinPath(at, "equals")]}
                  value={branch["equals"]}
                  blank=""
                  onChange={(equals) => set(index, { equals })}
                />
              )}
            </section>
          );
        })}
        <div>
          <Button mt="xs" size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={add}>
            {more}
          </Button>
        </div>
      </Stack>
    </Input.Wrapper>
  );
}
