import { t } from "@lingui/core/macro";
import { useMemo } from "react";
import type { JsonObject } from "@/lib/api/model";
import { isApiError } from "@/lib/api/errors";
import { useMe, useMembership } from "@/lib/api/me";
import { unresolvedIn, type Scope } from "@/lib/templates/placeholders";
import { useWidgetActions, type VariableSetter } from "../host";
import type { Action } from "./action-config";

const NAME = /^\{\{\s*(row|form|vars|user)(?:\.([\p{L}_][\p{L}\p{N}_]*)|\["([^"]+)"\])/u;

type SetterOf = (name: string) => VariableSetter | null;

/** Says where to set the value that is missing. */
function whereToSet(placeholder: string, scope: Scope, setterOf: SetterOf | undefined): string {
  const [, place, plain, quoted] = NAME.exec(placeholder) ?? [];
  const name = plain ?? quoted ?? "";
  if (place === "row" && !scope.row) return t`Select a row first.`;
  if (place === "row")
    return t`${placeholder} has no value: the row has no column “${name}”. Check the values in the settings of the widget.`;
  const setter = place === "vars" ? setterOf?.(name) : undefined;
  switch (setter?.by) {
    case "row":
      return t`Select a row in “${setter.title}” first.`;
    case "input":
    case "bar":
      return t`Set “${setter.title}” first.`;
    case "link":
      return t`${placeholder} has no value: open this dashboard from a link or a row that sets it.`;
    default:
      return setter === null
        ? t`${placeholder} has no value: this dashboard has no filter “${name}”. Add it in the dashboard editor.`
        : t`${placeholder} has no value here. Check the values in the settings of the widget.`;
  }
}

/** Returns the path of the value that an error reports as missing, such as `vars.region`. */
const missingIn = (error: unknown): string | null =>
  isApiError(error, "VALUE_MISSING") ? (error.details[0]?.path ?? "") : null;

/** Says which value must be set before data can be loaded, by its path. */
export function textOfMissing(path: string, setterOf: SetterOf | undefined): string {
  if (path.startsWith("user")) return t`This widget shows the data of the signed-in user. Sign in to see it.`;
  const name = /^vars\.([\p{L}_][\p{L}\p{N}_]*)/u.exec(path)?.[1];
  if (!name) return t`This widget waits for a value of a filter.`;
  if (!setterOf) return t`Set the filter “${name}” first.`;
  return whereToSet(`{{ ${path} }}`, {}, setterOf);
}

/** Returns which value a widget waits for, if its data failed to load because of it; null for other errors. */
export function useMissingText(error: unknown): string | null {
  const { setterOf } = useWidgetActions();
  const path = missingIn(error);
  return path === null ? null : textOfMissing(path, setterOf);
}

/** Returns a function that says what keeps actions from running; null if every value is known. */
export function useUnfilled(): (actions: readonly (Action | null)[], scope: Scope) => string | null {
  const { setterOf } = useWidgetActions();
  const user = useUserScope();
  return (actions, scope) => {
    const [open] = unresolvedIn(
      actions.map((action) => action?.values),
      { ...scope, user },
    );
    return open === undefined ? null : whereToSet(open, scope, setterOf);
  };
}

/** What `{{ user.x }}` refers to. */
export function useUserScope(): JsonObject {
  const user = useMe().data?.user;
  const role = useMembership()?.role.name;
  return useMemo(
    // conditions on what is missing are not met
    () => (user ? { id: user.id, email: user.email, name: user.name, ...(role ? { role } : {}) } : {}),
    [user, role],
  );
}
