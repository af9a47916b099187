import "@fontsource-variable/inter/index.css";
import "@fontsource-variable/jetbrains-mono/index.css";
import "@mantine/core/styles.css";
import "./app/global.css";
import { createRoot } from "react-dom/client";
import { loadLanguage } from "./lib/i18n";

const RELOADED = "jet-admin.reloaded-at";

// After an upgrade an open tab asks for chunks that are gone: it loads itself anew, but not over and over.
window.addEventListener("vite:preloadError", () => {
  if (Date.now() - Number(sessionStorage.getItem(RELOADED) ?? 0) < 60_000) return;
  sessionStorage.setItem(RELOADED, String(Date.now()));
  window.location.reload();
});

// Modules translate their texts as they load: the language is there before them.
await loadLanguage();
const { App } = await import("./app/app");
const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);
