/**
 * The pepper: a random value outside of the store, under which keys are hashed. Who has the store alone can neither use nor
 * forge a key. Where it is lost, no created key works any more; each has to be rotated. Copy it when the store is copied, and
 * give several nodes the same one.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { DragomanError, Secret } from "@dragoman/llm";
import type { StoreConfiguration } from "../configuration.ts";

/** Where `DRAGOMAN_PEPPER` may stand, which takes the file's place. */
type Environment = Readonly<Record<string, string | undefined>>;

const VARIABLE = "DRAGOMAN_PEPPER";
const PEPPER_BYTES = 32;
const PEPPER_LENGTH_MIN = 32;
/** Bits by which others than the owner may read or write. */
const OTHERS = 0o077;

/** Beside the store's own file. */
export function pepperFile(storeFile: string): string {
  return `${storeFile}.pepper`;
}

/**
 * Reads the pepper of a store; makes one where there is none. Of a store in memory it lives as long as the process. Throws
 * `configuration` for one that is too short or that others may read.
 */
export async function openPepper(store: StoreConfiguration, environment: Environment = process.env): Promise<Secret> {
  const given = environment[VARIABLE]?.trim();
  if (given) return checked(given, VARIABLE);
  if (store.type === "memory") return new Secret(freshPepper());
  const file = pepperFile(store.file);
  return (await readPepper(file)) ?? (await makePepper(file));
}

function freshPepper(): string {
  return randomBytes(PEPPER_BYTES).toString("base64url");
}

async function readPepper(file: string): Promise<Secret | undefined> {
  try {
    const { mode } = await stat(file);
    if (process.platform !== "win32" && (mode & OTHERS) !== 0)
      throw unusable(`${file} may be read by others`, `chmod 600 ${file}`);
    return checked((await readFile(file, "utf8")).trim(), file);
  } catch (error) {
    if (DragomanError.is(error)) throw error;
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw unusable(`${file} cannot be read`, "make it readable for the user who runs dragoman, and for nobody else", error);
  }
}

/** Two processes may start at once: whoever links first has made it, the other reads it. It is never there half written. */
async function makePepper(file: string): Promise<Secret> {
  const beside = `${file}.${randomUUID()}.new`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(beside, "wx", 0o600);
    try {
      await handle.writeFile(`${freshPepper()}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(beside, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  } catch (error) {
    throw unusable(`${file} cannot be written`, `make its folder writable, or set ${VARIABLE}`, error);
  } finally {
    await unlink(beside).catch(() => {});
  }
  const made = await readPepper(file);
  if (made === undefined) throw unusable(`${file} is gone again`, "start anew");
  return made;
}

function checked(value: string, place: string): Secret {
  if (value.length >= PEPPER_LENGTH_MIN) return new Secret(value);
  throw unusable(
    `the pepper in ${place} has fewer than ${PEPPER_LENGTH_MIN} characters`,
    "restore it from a copy; a new one makes every created key useless",
  );
}

function unusable(detail: string, advice: string, cause?: unknown): DragomanError {
  return new DragomanError({ code: "configuration", detail, advice, cause });
}
