import { t } from "@lingui/core/macro";
import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";
import { useWidgetActions, useWidgetVariable } from "../host";

interface Variable {
  value: unknown;
  set: (value: unknown) => void;
  /** Why it cannot be set. */
  problem: string | null;
}

/** The variable that an input sets. In a preview without variables, the value stays in the input. */
export function useVariable(name: string): Variable {
  const { setVariables } = useWidgetActions();
  const variable = useWidgetVariable(name);
  const [own, setOwn] = useState<{ value: unknown } | null>(null);
  if (!name) return { value: null, set: () => undefined, problem: t`Select the filter to set.` };
  if (!setVariables)
    return { value: own ? own.value : variable.value, set: (value) => setOwn({ value }), problem: null };
  const problem = variable.exists ? null : t`This dashboard has no filter “${name}”.`;
  return { value: variable.value, set: (value) => setVariables({ [name]: value ?? undefined }), problem };
}

/** The same for typed text: it is set when typing pauses. */
export function useTypedVariable(name: string): Variable {
  const variable = useVariable(name);
  const [typed, setTyped] = useState<{ value: unknown } | null>(null);
  const send = useDebouncedCallback((value: unknown) => {
    variable.set(value);
    setTyped(null);
  }, 400);
  const set = (value: unknown) => {
    setTyped({ value });
    send(value);
  };
  return { value: typed ? typed.value : variable.value, set, problem: variable.problem };
}
