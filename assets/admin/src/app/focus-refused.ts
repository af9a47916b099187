const REFUSED = "[aria-invalid=true], [data-error] input";
/** The events that show that people have moved on. */
const WORK = ["focusin", "input", "pointerdown"] as const;

/**
 * Moves the focus to the first field that a form refuses after it was sent, whether the page or the server refuses it,
 * unless people have moved on to something else. Returns a function that stops it.
 */
export function focusRefused(): () => void {
  let settle = () => {};

  const onSubmit = ({ target: form }: SubmitEvent) => {
    settle();
    if (!(form instanceof HTMLFormElement)) return;
    const look = () => {
      const field = form.querySelector<HTMLElement>(REFUSED);
      if (!field) return;
      settle();
      field.focus();
    };
    const observer = new MutationObserver(look);
    observer.observe(form, {
      subtree: true,
      childList: true,
      attributeFilter: ["aria-invalid", "data-error"],
    });
    // A field that was refused before may be refused again.
    const frame = requestAnimationFrame(look);
    settle = () => {
      observer.disconnect();
      cancelAnimationFrame(frame);
      settle = () => {};
    };
  };
  const onWork = () => settle();
  document.addEventListener("submit", onSubmit, true);
  for (const work of WORK) document.addEventListener(work, onWork, true);
  return () => {
    settle();
    document.removeEventListener("submit", onSubmit, true);
    for (const work of WORK) document.removeEventListener(work, onWork, true);
  };
}
