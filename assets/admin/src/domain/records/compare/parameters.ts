import { t } from "@lingui/core/macro";
import { wordOfType } from "@/domain/schema-form/parameter-types";
import type { Parameter } from "@/lib/api/model";
import { diffFields, type Fields, type Listed } from "./differences";

const labels = {
  name: t`Name`,
  type: t`Type`,
  required: t`Required`,
  default: t`Default`,
  allowed: t`Allowed values`,
  description: t`Description`,
};

const worded = (parameter: Parameter): Fields => ({ ...parameter, type: wordOfType(parameter.type) });

/** Compares the parameters of a query, or the inputs of a workflow. */
export const parameterList: Listed<Parameter> = {
  keyOf: ({ name }) => name,
  nameOf: ({ name }) => name,
  summaryOf: ({ type, required }) => (required ? t`${wordOfType(type)}, required` : wordOfType(type)),
  diff: (place, before, after) => diffFields(place, worded(before), worded(after), labels),
};
