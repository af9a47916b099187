import "@fontsource-variable/inter/index.css";
import "@fontsource-variable/jetbrains-mono/index.css";
import "@mantine/core/styles.css";
import "./app/global.css";
import { createRoot } from "react-dom/client";
import { connection } from "@/lib/session/connection";
import { loadLanguage } from "./lib/i18n";
import { wouldLose } from "@/lib/session/unsaved";

const RELOADED = "jet-admin.reloaded-at";

// After an upgrade an open tab requests chunks that no longer exist: it reloads, but not repeatedly, not if the server
// is unreachable, and not over unsaved changes.
window.addEventListener("vite:preloadError", () => {
  if (Date.now() - Number(sessionStorage.getItem(RELOADED) ?? 0) < 60_000) return;
  void connection.answers().then((answers) => {
    if (!answers) connection.suspect();
    if (!answers || wouldLose()) return;
    sessionStorage.setItem(RELOADED, String(Date.now()));
    window.location.reload();
  });
});
connection.watch();

// Modules translate their texts as they load, so the language is loaded first.
await loadLanguage();
const { App } = await import("./app/app");
const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);
