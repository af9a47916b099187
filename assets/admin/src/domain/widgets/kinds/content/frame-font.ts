import latin from "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url";
import { useQuery } from "@tanstack/react-query";

/** Encodes bytes for a data URL. */
const dataUrl = (content: Blob): Promise<string> =>
  new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result));
    reader.onerror = () => failed(reader.error ?? new Error("unreadable"));
    reader.readAsDataURL(content);
  });

async function loadFont(signal: AbortSignal): Promise<string> {
  const response = await fetch(latin, { signal });
  if (!response.ok) return "";
  const url = await dataUrl(await response.blob());
  const style = `@font-face{font-family:"Inter Variable";font-weight:100 900;src:url(${url}) format("woff2")}`;
  return style;
}

/**
 * Returns the style with the app's font for a sandboxed frame, which may load nothing of this server; undefined while it
 * is loading.
 */
export function useFrameFont(): string | undefined {
  const { data, isPending } = useQuery({
    queryKey: ["frame-font"],
    queryFn: ({ signal }) => loadFont(signal),
    staleTime: Infinity,
    retry: false,
  });
  return isPending ? undefined : (data ?? "");
}
