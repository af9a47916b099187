import { t } from "@lingui/core/macro";
import { useCallback, useState } from "react";
import { ConfirmAction } from "@/domain/widgets/kinds/actions/confirm-action";
import { forgetForms, formsLostBy } from "@/domain/widgets/kinds/actions/form/form-drafts";
import type { Dashboard, JsonObject, Widget } from "@/lib/api/model";
import { useLatest } from "@/lib/stable";
import { titleOf } from "./view-grid";

/** The forms whose input would be lost, and what is to happen then. */
interface Asked {
  keys: string[];
  proceed: () => void;
}

/**
 * Asks before a change of variables would load another row into a form with unsent input. `after` returns all variables
 * once some have other values.
 */
export function useProtection(
  { items, widgets }: Pick<Dashboard, "items"> & { widgets?: Widget[] | undefined },
  after: (values: JsonObject) => JsonObject,
) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const latest = useLatest(after);
  const protect = useCallback(
    (values: JsonObject, proceed: () => void) => {
      const keys = formsLostBy(latest.current(values));
      if (keys.length) setAsked({ keys, proceed });
      else proceed();
    },
    [latest],
  );
  const titles = items
    .filter(({ key }) => asked?.keys.includes(key))
    .map(
      (item) =>
        `“${titleOf(
          item,
          widgets?.find(({ id }) => id === item.widgetID),
        )}”`,
    )
    .join(", ");
  const question = asked && (
    <DiscardInput
      titles={titles}
      onClose={() => setAsked(null)}
      onDiscard={() => {
        forgetForms(asked.keys);
        asked.proceed();
      }}
    />
  );
  return { protect, question };
}

interface DiscardInputProps {
  /** The forms with input. */
  titles: string;
  onClose: () => void;
  onDiscard: () => void;
}

/** Asks whether what was entered in forms may be lost. */
export function DiscardInput({ titles, onClose, onDiscard }: DiscardInputProps) {
  return (
    <ConfirmAction
      title={t`Discard changes?`}
      question={t`What you entered in ${titles} has not been saved.`}
      verb={t`Discard`}
      danger
      onClose={onClose}
      onConfirm={onDiscard}
    />
  );
}
