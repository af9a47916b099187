/** The path below which the server is reached: empty, or such as `/jet`. The server writes it into the page. */
export const base = document.querySelector<HTMLMetaElement>('meta[name="base"]')?.content ?? "";

/** The address of one of the server's paths. */
export const at = (path: string) => `${base}${path}`;
