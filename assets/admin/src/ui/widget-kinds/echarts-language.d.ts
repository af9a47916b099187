/** echarts types the sources of its languages, not what is built of them. */
declare module "echarts/lib/i18n/langDE.js" {
  import type german from "echarts/types/src/i18n/langDE";
  const language: typeof german;
  export { language as default };
}
