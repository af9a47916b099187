import { fieldless, withFields } from "@/domain/widgets/form/generated-fields";
import type { DataQuery, JsonObject } from "@/lib/api/model";

/** Returns the first config of a form or a button that runs a query: a form has a field for each parameter. */
export function runningConfig(type: string, { id, name, parameters }: DataQuery): JsonObject {
  const action = (values: JsonObject) => ({ type: "query", queryID: id, values });
  if (type !== "form") return { label: name.slice(0, 60), action: action({}) };
  const { fields, values } = withFields({}, fieldless(parameters, {}));
  return { fields, action: action(values) };
}
