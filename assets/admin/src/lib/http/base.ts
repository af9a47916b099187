/** The path prefix of the server: empty, or for example `/jet`. The server writes it into the page. */
export const base = document.querySelector<HTMLMetaElement>('meta[name="base"]')?.content ?? "";

/** Returns the URL of one of the server's paths. */
export const at = (path: string) => `${base}${path}`;
