import { useCallback, useEffect, useState } from "react";

/** Shows one element in full screen, also in browsers that do not let a page use the whole screen. */
export function useFullScreen() {
  const [full, setFull] = useState(false);

  const leave = useCallback(() => {
    setFull(false);
    if (document.fullscreenElement) void document.exitFullscreen();
  }, []);
  const enter = useCallback(() => {
    setFull(true);
    document.documentElement.requestFullscreen?.().catch(() => undefined);
  }, []);

  useEffect(() => {
    if (!full) return;
    const onChange = () => !document.fullscreenElement && setFull(false);
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && !event.defaultPrevented && leave();
    document.addEventListener("fullscreenchange", onChange);
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("fullscreenchange", onChange);
      document.removeEventListener("keydown", onKey);
    };
  }, [full, leave]);

  return { full, enter, leave };
}
