import { fillText, type Scope } from "@/lib/placeholders";
import type { ColorScheme, Ink } from "./chart-theme";
import { escapeHtml } from "./options/shared";

/** Nothing is fetched but pictures behind TLS, nothing runs, nothing is sent. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; font-src data:; form-action 'none'; base-uri 'none'";

/** The document inside the frame: the markup, in the colours of the app, under a policy of its own. */
export function frameDocument(markup: string, scope: Scope, scheme: ColorScheme, ink: Ink): string {
  const style = `:root{color-scheme:${scheme}}body{margin:0;font:14px/1.5 system-ui,sans-serif;color:${ink.text};overflow-wrap:anywhere}a{color:inherit}table{border-collapse:collapse}td,th{padding:4px 8px;border-bottom:1px solid ${ink.line};text-align:start}img{max-width:100%}`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta name="referrer" content="no-referrer"><title>HTML</title><base target="_blank"><style>${style}</style></head><body>${fillText(markup, scope, escapeHtml)}</body></html>`;
}
