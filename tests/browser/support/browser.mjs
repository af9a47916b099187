// The system's Chromium, with pages that record every console error.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const ARGUMENTS = [
  "--no-sandbox",
  // Frames in a sandbox are processes apart, as in the browser that people use.
  "--site-per-process",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const PATIENCE_MS = 30_000;

export const DESKTOP = { width: 1440, height: 900 };
export const TABLET = { width: 768, height: 1024 };
export const PHONE = { width: 390, height: 844 };

/** Chromium's shell needs a fourth less of the processor; either will do. */
const PATHS = [process.env.CHROMIUM, "/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];

export const launch = () =>
  chromium.launch({
    executablePath: PATHS.find((path) => path && existsSync(path)),
    args: ARGUMENTS,
  });

/** Opens a page in its own profile. `expected` are the responses (`"404 /path"`) that a journey causes on purpose. */
export async function newPage(
  browser,
  { url, scheme = "light", viewport = DESKTOP, locale = "en-GB", isTouch = false, expected = [] },
) {
  const context = await browser.newContext({
    baseURL: url,
    viewport,
    colorScheme: scheme,
    reducedMotion: "reduce",
    locale,
    hasTouch: isTouch,
    isMobile: isTouch,
    timezoneId: "Europe/Berlin",
  });
  context.setDefaultTimeout(PATIENCE_MS);
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
      console.error(`CSP: ${violatedDirective} blocked ${blockedURI}`),
    );
  });
  const page = await context.newPage();
  return { page, complaints: watch(page, expected) };
}

/** Without a session the app finds that out with a request: the browser logs its response as an error. */
const NO_SESSION = "401 /api/v1/session/refresh";

function watch(page, expected) {
  const complaints = [];
  const allowed = new Set([NO_SESSION, ...expected]);
  page.on("pageerror", (error) => complaints.push(`page: ${error.stack ?? error}`));
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    // Failed responses are checked below, with their status.
    if (message.text().startsWith("Failed to load resource")) return;
    complaints.push(`console: ${message.text()}`);
  });
  page.on("response", (response) => {
    const answer = `${response.status()} ${new URL(response.url()).pathname}`;
    const known = [...allowed].some((pattern) =>
      pattern instanceof RegExp ? pattern.test(answer) : pattern === answer,
    );
    if (response.status() >= 400 && !known) complaints.push(`${response.request().method()} ${answer}`);
  });
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith("http") && origin !== new URL(page.url()).origin && page.url() !== "about:blank")
      complaints.push(`foreign: ${request.url()}`);
  });
  return complaints;
}
