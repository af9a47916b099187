// What private database servers share: a port, a folder, and a user who is not root.
import { execFile, execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";

export const PASSWORD = "s3cret-tea";
export const run = promisify(execFile);

const START_MS = 60_000;
const AGAIN_MS = 50;

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Database servers refuse to run as root: returns the user and group to run as instead. */
export function unprivileged(user) {
  if (process.getuid() !== 0) return {};
  const id = (flag) => Number(execFileSync("id", [flag, user], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

/** Creates a folder for a server, and `remove`. */
export async function privateFolder(name, owner) {
  const folder = await mkdtemp(join(tmpdir(), `jet-admin-${name}-`));
  await chmod(folder, 0o755);
  if (owner.uid !== undefined) execFileSync("chown", [`${owner.uid}:${owner.gid}`, folder]);
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

const isOpen = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });

/** Resolves when the server listens; fails if it ended. */
export async function listens(port, child) {
  const late = AbortSignal.timeout(START_MS);
  while (!(await isOpen(port))) {
    if (child.exitCode !== null)
      throw new Error(`the server ended with ${child.exitCode} before it listened`);
    late.throwIfAborted();
    await wait(AGAIN_MS);
  }
}
