// The real binary on a free port, with its own data directory.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const BINARY = resolve(
  process.env.JET_ADMIN_BIN ?? join(import.meta.dirname, "../../../target/debug/jet-admin"),
);
const START_MS = 60_000;

/**
 * Starts a server and waits until it listens; `stop` ends it and removes its data, `kill` and `restart` simulate a
 * crash and the next start.
 */
export async function startServer({ demo }) {
  const folder = await mkdtemp(join(tmpdir(), "jet-admin-browser-"));
  const dataDir = join(folder, "data");
  const running = { dataDir };
  let child;
  let ended;
  const start = async (listen) => {
    const argv = [
      "serve",
      "--listen",
      listen,
      "--data-dir",
      dataDir,
      "--log-level",
      "warn",
      demo ? "--demo" : "--allow-private-network",
    ];
    child = spawn(BINARY, argv, { stdio: ["ignore", "pipe", "inherit"] });
    ended = once(child, "exit").catch((error) => [error.code]);
    running.url = await address(child, ended);
  };
  const end = async (signal) => {
    child.kill(signal);
    await ended;
  };
  running.kill = () => end("SIGKILL");
  running.restart = () => start(new URL(running.url).host);
  running.stop = async () => {
    await end("SIGTERM");
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await start("127.0.0.1:0");
    return running;
  } catch (error) {
    await running.stop();
    throw error;
  }
}

async function address(child, ended) {
  const failed = ended.then(([code, signal]) => {
    throw new Error(`${BINARY} ended (${code ?? signal}) before it listened`);
  });
  const late = AbortSignal.timeout(START_MS);
  const timeout = once(late, "abort").then(() => {
    throw new Error(`${BINARY} did not listen within ${START_MS / 1000} s`);
  });
  const listening = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      const found = /^listening on (http:\S+)$/.exec(line);
      if (found) return found[1];
    }
    return failed;
  })();
  return Promise.race([listening, failed, timeout]);
}
