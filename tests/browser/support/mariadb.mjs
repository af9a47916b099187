// A private MariaDB server on a free port, for the duration of a test file.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";
import { freePort, listens, PASSWORD, privateFolder, run, unprivileged } from "./database.mjs";

const SERVERS = ["/usr/sbin/mariadbd", "/usr/local/sbin/mariadbd"];
/** The only database. */
export const DATABASE = "shop";

/** Starts a server and runs `sql` in its database; `stop` ends it. */
export async function startMariadb(sql) {
  const server = SERVERS.find((path) => existsSync(path));
  if (!server)
    throw new Error("MariaDB is not installed: tests/setup installs it (Debian package mariadb-server)");
  const owner = unprivileged("mysql");
  const { folder, remove } = await privateFolder("mariadb", owner);
  const data = `--datadir=${join(folder, "data")}`;
  const first = join(folder, "first.sql");
  const port = await freePort();
  let child;
  const stop = async () => {
    if (child?.exitCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    await remove();
  };
  try {
    // Every statement on one line: the server reads the file so.
    const statements = [
      `create user admin@'%' identified by '${PASSWORD}'`,
      "grant all on *.* to admin@'%'",
      `create database ${DATABASE}`,
      `use ${DATABASE}`,
      ...sql.split(";").map((statement) => statement.replaceAll(/\s+/g, " ").trim()),
    ];
    await writeFile(first, `${statements.filter(Boolean).join(";\n")};\n`);
    const quiet = ["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"];
    await run("mariadb-install-db", ["--no-defaults", data, ...quiet], { ...owner, cwd: folder });
    child = spawn(
      server,
      [
        "--no-defaults",
        data,
        "--bind-address=127.0.0.1",
        `--port=${port}`,
        `--socket=${join(folder, "socket")}`,
        `--pid-file=${join(folder, "pid")}`,
        `--init-file=${first}`,
        `--log-error=${join(folder, "log")}`,
        "--skip-log-bin",
        "--skip-name-resolve",
        "--character-set-server=utf8mb4",
        "--innodb-flush-log-at-trx-commit=0",
        "--innodb-buffer-pool-size=32M",
      ],
      { ...owner, cwd: folder, stdio: "ignore" },
    );
    // It listens once it has run the statements.
    await listens(port, child);
    return { port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
