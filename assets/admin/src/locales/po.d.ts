declare module "*.po" {
  export const messages: Record<string, string>;
}

declare module "*.po?raw" {
  const text: string;
  export { text as default };
}
