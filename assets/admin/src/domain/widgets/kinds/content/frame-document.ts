import { fillWords, type Scope } from "@/lib/templates/placeholders";
import type { ColorScheme, Ink } from "../charts/chart-theme";
import { escapeHtml } from "../charts/options/shared";

/** Loads only images over https; no scripts, no requests. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; font-src data:; form-action 'none'; base-uri 'none'";

interface FrameLook {
  scheme: ColorScheme;
  ink: Ink;
  /** The style with the app's font; the system's font is used without it. */
  font?: string | undefined;
}

/** Returns the document inside the frame: the markup, in the app's colors, with its own content security policy. */
export function frameDocument(markup: string, scope: Scope, { scheme, ink, font = "" }: FrameLook): string {
  const style = `${font}:root{color-scheme:${scheme}}body{margin:0;font:14px/1.5 "Inter Variable",system-ui,sans-serif;color:${ink.text};overflow-wrap:anywhere}a{color:inherit}table{border-collapse:collapse}td,th{padding:4px 8px;border-bottom:1px solid ${ink.line};text-align:start}img{max-width:100%}`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta name="referrer" content="no-referrer"><title>HTML</title><base target="_blank"><style>${style}</style></head><body>${fillWords(markup, scope, escapeHtml)}</body></html>`;
}
