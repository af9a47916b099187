// A private PostgreSQL server on a free port, for the duration of a test file.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, PASSWORD, privateFolder, run, unprivileged } from "./database.mjs";

const INSTALLED = "/usr/lib/postgresql";

function programs() {
  const found = existsSync(INSTALLED)
    ? readdirSync(INSTALLED).map((version) => join(INSTALLED, version, "bin"))
    : [];
  const bin = found
    .filter((folder) => existsSync(join(folder, "initdb")))
    .sort()
    .pop();
  if (!bin)
    throw new Error("PostgreSQL is not installed: tests/setup installs it (Debian package postgresql)");
  return bin;
}

/** Starts a server and runs `sql` in its database `postgres`; `stop` ends it. */
export async function startPostgres(sql) {
  const bin = programs();
  const owner = unprivileged("postgres");
  const { folder, remove } = await privateFolder("postgres", owner);
  const data = join(folder, "data");
  const secret = join(tmpdir(), `jet-admin-postgres-${process.pid}.secret`);
  await writeFile(secret, PASSWORD);
  const options = { ...owner, cwd: folder };
  const port = await freePort();
  const stop = async () => {
    await run(join(bin, "pg_ctl"), ["-D", data, "-m", "immediate", "stop"], options).catch(() => undefined);
    await remove();
    await rm(secret, { force: true });
  };
  try {
    await run(
      join(bin, "initdb"),
      [
        "-D",
        data,
        "-A",
        "scram-sha-256",
        "-U",
        "admin",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
        "--pwfile",
        secret,
      ],
      options,
    );
    // The server must not inherit our end of a pipe.
    execFileSync(
      join(bin, "pg_ctl"),
      ["-D", data, "-w", "-l", join(data, "log"), "-o", `-p ${port} -h 127.0.0.1 -k ${folder} -F`, "start"],
      { ...options, stdio: "ignore" },
    );
    await run(
      join(bin, "psql"),
      [
        "-h",
        "127.0.0.1",
        "-p",
        String(port),
        "-U",
        "admin",
        "-d",
        "postgres",
        "-v",
        "ON_ERROR_STOP=1",
        "-c",
        sql,
      ],
      { ...options, env: { ...process.env, PGPASSWORD: PASSWORD } },
    );
    return { port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
