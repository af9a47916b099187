import { plural } from "@lingui/core/macro";
import { notify } from "@/ui/feedback/notify";
import type { Moved } from "../graph/bodies";

/** Notifies what a move into or out of a loop has removed, or why it was not done. */
export function tellMoved({ cut, refused }: Omit<Moved<never>, "graph">): void {
  if (refused) notify.info(refused);
  else if (cut > 0)
    notify.info(
      plural(cut, {
        one: "# connection across the loop’s boundary was removed. You can undo this.",
        other: "# connections across the loop’s boundary were removed. You can undo this.",
      }),
    );
}
