/** echarts types the sources of its languages, not the built files. */
declare module "echarts/lib/i18n/langDE.js" {
  import type german from "echarts/types/src/i18n/langDE";
  const language: typeof german;
  export { language as default };
}
