import type { FieldRenderer } from "@/domain/schema-form/context";
import { BranchesField } from "./branches-field";
import { ParametersField, RolesField } from "./approval-fields";
import { QueryField, QueryParametersField, WorkflowField, WorkflowInputsField } from "./query-fields";
import { ScriptField, TemplateField, ValueField } from "./text-fields";

/** This editor's own fields, by the names that `nodeFormSchema` gives them. */
export const renderers: Record<string, FieldRenderer> = {
  query: (props) => <QueryField {...props} />,
  queryParameters: (props) => <QueryParametersField {...props} />,
  workflow: (props) => <WorkflowField {...props} />,
  workflowInputs: (props) => <WorkflowInputsField {...props} />,
  roles: (props) => <RolesField {...props} />,
  parameters: (props) => <ParametersField {...props} />,
  branches: (props) => <BranchesField {...props} />,
  cases: (props) => <BranchesField {...props} />,
  script: (props) => <ScriptField {...props} />,
  template: (props) => <TemplateField {...props} />,
  value: (props) => <ValueField {...props} />,
};
