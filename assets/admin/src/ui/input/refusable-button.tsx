import { Button, type ButtonProps, Tooltip } from "@mantine/core";
import { useClickOutside } from "@mantine/hooks";
import { type KeyboardEvent, useState } from "react";

export interface RefusableButtonProps extends ButtonProps {
  /** Why the button does nothing, or null. */
  refusal: string | null;
  onClick: () => void;
}

/**
 * A button that says why it does nothing: with the mouse on it, with the focus, and when it is pressed, until a press
 * elsewhere. A finger neither hovers nor gives the focus.
 */
export function RefusableButton({ refusal, onClick, ...rest }: RefusableButtonProps) {
  const [asked, setAsked] = useState(false);
  const forget = () => setAsked(false);
  const frame = useClickOutside(forget);
  const refused = {
    "data-disabled": true,
    "aria-disabled": true,
    onBlur: forget,
    onKeyDown: ({ key }: KeyboardEvent) => key === "Escape" && forget(),
  };
  return (
    <div ref={frame}>
      <Tooltip
        label={refusal}
        disabled={refusal === null}
        {...(asked ? { opened: true } : {})}
        events={{ hover: true, focus: true, touch: false }}
      >
        <Button
          {...rest}
          {...(refusal === null ? {} : refused)}
          onClick={() => (refusal === null ? onClick() : setAsked(true))}
        />
      </Tooltip>
    </div>
  );
}
